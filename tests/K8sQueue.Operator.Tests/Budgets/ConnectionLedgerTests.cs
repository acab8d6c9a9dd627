using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Budgets;

public sealed class ConnectionLedgerTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_pod_without_the_gate_counts_whether_it_is_recorded_or_not() =>
        Settle(Recorded(), Pod("a", gated: false)).InUse.Should().Be(3);

    [Fact]
    public void A_pod_with_the_gate_counts_only_where_it_is_pending()
    {
        Settle(Recorded(), Pod("a", gated: true)).InUse.Should().Be(0);
        Settle(Recorded(pending: [Holder("a")]), Pod("a", gated: true)).InUse.Should().Be(3);
    }

    [Fact]
    public void A_pending_pod_whose_gate_went_is_granted()
    {
        var ledger = Settle(Recorded(pending: [Holder("a")]), Pod("a", gated: false));

        ledger.Pending.Should().BeEmpty();
        ledger.Granted.Should().ContainSingle();
    }

    [Fact]
    public void A_pod_that_has_ended_is_free()
    {
        var pod = Pod("a", gated: false);
        Samples.End(pod);

        Settle(Recorded(granted: [Holder("a")]), pod).InUse.Should().Be(0);
    }

    [Fact]
    public void A_pod_that_is_gone_without_word_is_held_for_its_time()
    {
        var budget = Recorded(granted: [Holder("a")]);

        Settle(budget).Held.Should().ContainSingle(holder => holder.Since == Now);
        Settle(Recorded(held: [Holder("a", Now.AddSeconds(-299))])).InUse.Should().Be(3);
        Settle(Recorded(held: [Holder("a", Now.AddSeconds(-300))])).InUse.Should().Be(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_pod_that_is_refused_without_a_word_of_its_containers_is_held_for_its_time(bool pending)
    {
        var refused = Pod("a", gated: false);
        refused.Status = new V1PodStatus { Phase = "Failed", Reason = "NodeAffinity" };
        var budget = pending ? Recorded(pending: [Holder("a")]) : Recorded(granted: [Holder("a")]);

        var ledger = Settle(budget, refused);

        ledger.Granted.Should().BeEmpty();
        ledger.Held.Should().ContainSingle(holder => holder.Since == Now, "a kubelet that was restarted begins the status of what runs anew");
        Settle(Recorded(held: [Holder("a", Now.AddSeconds(-299))]), refused).InUse.Should().Be(3);
        Settle(Recorded(held: [Holder("a", Now.AddSeconds(-300))]), refused).InUse.Should().Be(0);
        ConnectionLedger.Settle(budget, [refused], uid => uid == "a", Now).InUse.Should().Be(0, "it is known that it never started");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_confirmed_end_frees_what_was_granted_or_pending(bool pending)
    {
        var budget = pending ? Recorded(pending: [Holder("a")]) : Recorded(granted: [Holder("a")]);

        ConnectionLedger.Settle(budget, [], uid => uid == "a", Now).InUse.Should().Be(0);
    }

    [Fact]
    public void An_annotation_made_smaller_frees_nothing()
    {
        var pod = Pod("a", gated: false);
        pod.Metadata.Annotations![Labels.Charges] = """{"db":1}""";

        Settle(Recorded(granted: [Holder("a")]), pod).InUse.Should().Be(3);
    }

    [Fact]
    public void A_charge_is_at_most_the_capacity_so_that_no_annotation_can_stop_the_budget()
    {
        var pods = new[] { Pod("a", gated: false), Pod("b", gated: false) };
        foreach (var pod in pods)
            pod.Metadata.Annotations![Labels.Charges] = """{"db":2147483647}""";

        Settle(Recorded(), pods).InUse.Should().Be(200);
    }

    [Fact]
    public void Records_beyond_all_reason_add_up()
    {
        var holders = new[] { "a", "b" }.Select(uid => new ConnectionHolder { Uid = uid, Pod = uid, Connections = int.MaxValue, Since = Now }).ToList();

        Settle(Recorded(held: holders)).InUse.Should().BeGreaterThan(100);
    }

    [Fact]
    public void What_is_held_is_held_for_the_whole_time_though_times_are_written_to_the_second()
    {
        var budget = Recorded(granted: [Holder("gone")]);
        var lost = Now.AddMilliseconds(900);
        ConnectionLedger.Settle(budget, [], _ => false, lost).WriteTo(budget);
        var written = OperatorJson.Clone(budget);

        ConnectionLedger.Settle(written, [], _ => false, lost.AddSeconds(budget.Spec.LostHoldSeconds).AddMilliseconds(-1)).Held.Should().HaveCount(1);
        ConnectionLedger.Settle(written, [], _ => false, lost.AddSeconds(budget.Spec.LostHoldSeconds + 1)).Held.Should().BeEmpty();
    }

    [Fact]
    public void What_others_hold_is_not_usable()
    {
        var budget = Samples.Budget("db", 100, reserved: 10);
        budget.Spec.External = [new ExternalConsumer { Name = "api", Connections = 20 }];

        ConnectionLedger.Usable(budget).Should().Be(70);
    }

    private static ConnectionLedger Settle(V1Alpha1ConnectionBudget budget, params V1Pod[] pods) => ConnectionLedger.Settle(budget, pods, _ => false, Now);

    private static V1Alpha1ConnectionBudget Recorded(List<ConnectionHolder>? granted = null, List<ConnectionHolder>? pending = null, List<ConnectionHolder>? held = null)
    {
        var budget = Samples.Budget("db", 100);
        budget.Status = new ConnectionBudgetStatus { Granted = granted, Pending = pending, Held = held };
        return budget;
    }

    private static ConnectionHolder Holder(string uid, DateTimeOffset? since = null) => new() { Uid = uid, Pod = uid, Connections = 3, Since = since };

    private static V1Pod Pod(string uid, bool gated)
    {
        var pod = Samples.GatedPod(uid, "emails", "r", """{"db":3}""");
        pod.Metadata.Uid = uid;
        if (!gated)
        {
            pod.Spec.SchedulingGates = null;
            Samples.Start(pod);
        }

        return pod;
    }
}
