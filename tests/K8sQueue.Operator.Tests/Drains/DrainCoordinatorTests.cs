using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Controllers;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Drains;

/// <summary>Scale-ins, over the controllers and a fake cluster.</summary>
public sealed class DrainCoordinatorTests
{
    private readonly PoolHarness _harness = new();

    [Theory]
    [InlineData(DrainPolicies.IdleFirst, true)]
    [InlineData(DrainPolicies.IdleFirst, false)]
    [InlineData(DrainPolicies.IdleOnly, true)]
    [InlineData(DrainPolicies.IdleOnly, false)]
    public async Task Idle_workers_go_first(string policy, bool hasBudget)
    {
        var names = await StartAsync(3, policy, hasBudget);
        Busy(names[0], names[2]);

        Limit(2);
        await _harness.SettleAsync();

        Names().Should().Equal(names[0], names[2]);
        _harness.Workers.Calls.Should().NotContain($"quiesce {names[0]}").And.NotContain($"quiesce {names[2]}");
        _harness.Deployments.Should().ContainSingle().Which.Spec.Replicas.Should().Be(2);
    }

    [Fact]
    public async Task With_IdleOnly_a_busy_worker_stays_until_it_is_idle()
    {
        var names = await StartAsync(2);
        Busy(names);

        Limit(1);
        await _harness.SettleAsync();

        Names().Should().Equal(names);
        var chosen = _harness.Workers.Quiesced.Should().ContainSingle().Subject;
        _harness.Pool().Status!.DrainingReplicas.Should().Be(1);
        _harness.Condition("Draining").Should().Match<V1Condition>(c => c.Status == "True" && c.Reason == "PodsDrain");
        _harness.Workers[chosen] = 0;
        await SettleSoonAsync();

        Names().Should().Equal(names.Except([chosen]));
        _harness.Condition("Draining").Reason.Should().Be("NothingDrains");
    }

    [Fact]
    public async Task Demand_that_returns_takes_a_busy_worker_back_without_a_new_pod()
    {
        var names = await StartAsync(2);
        Busy(names);
        Limit(1);
        await _harness.SettleAsync();

        Limit(2);
        await _harness.SettleAsync();

        Names().Should().Equal(names);
        _harness.Workers.Quiesced.Should().BeEmpty();
        _harness.Pods.Should().OnlyContain(pod => pod.DrainingSince() == null);
        _harness.Pool().Status!.DrainingReplicas.Should().Be(0);
    }

    [Fact]
    public async Task A_mark_of_another_leader_that_arrives_after_a_worker_was_taken_back_goes_again()
    {
        var names = await StartAsync(2);
        Busy(names);
        Limit(1);
        await _harness.SettleAsync();
        var chosen = _harness.Workers.Quiesced.Single();
        Limit(2);
        await _harness.SettleAsync();

        var pod = _harness.Pods.Single(pod => pod.Metadata.Name == chosen);
        await _harness.Client.PatchAsync<V1Pod>(chosen, Samples.Namespace, DrainAnnotations.Mark(pod, _harness.Time.GetUtcNow()), null, default);
        var next = (await _harness.ReconcileAsync())!.Value;

        next.Should().BeLessThan(TimeSpan.FromSeconds(70));
        _harness.Time.Advance(next);
        await _harness.SettleAsync();
        _harness.Pods.Should().OnlyContain(pod => pod.DrainingSince() == null);
    }

    [Fact]
    public async Task With_IdleOnly_a_worker_that_is_late_is_taken_back_and_another_is_tried()
    {
        var names = await StartAsync(2);
        Busy(names);
        Limit(1);
        await _harness.SettleAsync();
        var late = _harness.Workers.Quiesced.Single();

        _harness.Time.Advance(TimeSpan.FromSeconds(31));
        await _harness.SettleAsync();

        _harness.Events.Should().Contain("Warning DrainTimedOut");
        _harness.Workers.Quiesced.Should().Equal(names.Except([late]));
        _harness.Workers[_harness.Workers.Quiesced.Single()] = 0;
        await SettleSoonAsync();
        Names().Should().Equal(late);
    }

    [Fact]
    public async Task With_IdleOnly_one_that_does_not_answer_stays_and_is_named()
    {
        var names = await StartAsync(1);
        _harness.Workers.Silent.Add(names[0]);

        _harness.Edit(spec => spec.Suspend = true);
        await _harness.SettleAsync();

        Names().Should().Equal(names);
        _harness.Condition("Draining").Should().Match<V1Condition>(c => c.Reason == "WorkersUnreachable" && c.Message!.Contains(names[0], StringComparison.Ordinal));
    }

    [Fact]
    public async Task Images_without_a_management_port_lose_the_oldest_pod_and_a_condition_says_so()
    {
        _harness.Create(Samples.Pool(change: spec => spec.Queues = [Samples.RawQueue("orders", 20)]));
        await _harness.SettleAsync();
        _harness.Ask(1);
        await _harness.SettleAsync();
        _harness.Time.Advance(TimeSpan.FromMinutes(1));
        _harness.Ask(2);
        await _harness.SettleAsync();
        var names = Names();

        Limit(1);
        await _harness.SettleAsync();

        Names().Should().Equal(names[1]);
        _harness.Workers.Calls.Should().BeEmpty();
        _harness.Condition("Draining").Reason.Should().Be("BusynessUnknown");
    }

    [Fact]
    public async Task Another_leader_goes_on_with_those_that_are_chosen()
    {
        var names = await StartAsync(3);
        Busy(names);
        Limit(2);
        await _harness.SettleAsync();
        var chosen = _harness.Workers.Quiesced.Single();

        _harness.RestartOperator();
        await _harness.SettleAsync();

        _harness.Workers.Quiesced.Should().Equal(chosen);
        Limit(3);
        await _harness.SettleAsync();
        _harness.Workers.Quiesced.Should().BeEmpty();
    }

    [Fact]
    public async Task The_mark_goes_before_a_worker_fetches_again_so_that_a_late_deletion_fails()
    {
        var names = await StartAsync(2);
        Busy(names);
        Limit(1);
        await _harness.SettleAsync();
        var chosen = _harness.Cluster.Get<V1Pod>(_harness.Workers.Quiesced.Single(), Samples.Namespace)!;
        var quiescedAtPatch = false;
        _harness.Client.Before = call =>
        {
            quiescedAtPatch |= call == "patch pods" && _harness.Workers.Quiesced.Contains(chosen.Metadata.Name!);
            return Task.CompletedTask;
        };

        Limit(2);
        await _harness.SettleAsync();

        quiescedAtPatch.Should().BeTrue();
        var late = () => _harness.Cluster.Delete<V1Pod>(chosen.Metadata.Name!, Samples.Namespace, chosen.Metadata.Uid, chosen.Metadata.ResourceVersion);
        late.Should().Throw<K8sQueue.Kubernetes.Client.KubernetesApiException>().Which.IsConflict.Should().BeTrue();
    }

    [Fact]
    public async Task A_worker_whose_mark_can_not_be_taken_off_is_not_told_to_fetch_again()
    {
        var names = await StartAsync(2);
        Busy(names);
        Limit(1);
        await _harness.SettleAsync();
        _harness.Client.Before = call => call == "patch pods"
            ? throw new K8sQueue.Kubernetes.Client.KubernetesApiException(System.Net.HttpStatusCode.InternalServerError, "Failed", "said by the server")
            : Task.CompletedTask;

        Limit(2);
        await _harness.ReconcileAsync();
        _harness.Workers.Quiesced.Should().ContainSingle("its time ends by itself");

        _harness.Client.Before = _ => Task.CompletedTask;
        await _harness.SettleAsync();
        _harness.Workers.Quiesced.Should().BeEmpty();
    }

    [Fact]
    public async Task A_worker_that_did_not_hear_that_it_was_taken_back_is_told_again()
    {
        var names = await StartAsync(2);
        Busy(names);
        Limit(1);
        await _harness.SettleAsync();
        var chosen = _harness.Workers.Quiesced.Single();
        _harness.Workers.Silent.Add(chosen);

        Limit(2);
        await _harness.SettleAsync();
        _harness.Workers.Quiesced.Should().Equal(chosen);
        (await _harness.ReconcileAsync()).Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(1));

        _harness.Workers.Silent.Clear();
        await _harness.ReconcileAsync();
        _harness.Workers.Quiesced.Should().BeEmpty();
        var calls = _harness.Workers.Calls.Count;
        await _harness.ReconcileAsync();
        _harness.Workers.Calls.Should().HaveCount(calls);
    }

    [Fact]
    public async Task A_deletion_is_given_up_before_the_worker_may_fetch_again()
    {
        await StartAsync(2);
        Limit(1);
        var sent = new TaskCompletionSource();
        _harness.Client.Before = call =>
        {
            if (call != "delete pods")
                return Task.CompletedTask;
            sent.TrySetResult();
            return new TaskCompletionSource().Task;
        };

        var pass = Task.Run(() => ReconcileUntilAsync(sent.Task), CancellationToken.None);
        await sent.Task;
        _harness.Time.Advance(WorkerRounds.Quiesced - TimeSpan.FromSeconds(5));
        await pass;

        Names().Should().HaveCount(2);
        _harness.Client.Before = _ => Task.CompletedTask;
        await _harness.SettleAsync();
        Names().Should().HaveCount(1);
    }

    [Fact]
    public async Task A_deletion_is_not_sent_long_after_the_answer()
    {
        await StartAsync(2);
        Limit(1);
        _harness.Client.Before = call =>
        {
            if (call == "list replicasets")
                _harness.Time.Advance(TimeSpan.FromSeconds(11));
            return Task.CompletedTask;
        };

        for (var i = 0; i < 5; i++)
            await _harness.ReconcileAsync();

        Names().Should().HaveCount(2);
    }

    [Fact]
    public async Task Hundreds_are_deleted_in_one_round_but_not_all_at_once()
    {
        await StartAsync(150);
        Limit(0);
        _harness.Edit(spec => spec.Suspend = true);
        var (now, most, deletions, gate) = (0, 0, 0, new Lock());
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _harness.Client.Before = async call =>
        {
            if (call is not ("delete pods" or "patch pods"))
                return;
            lock (gate)
            {
                most = Math.Max(most, ++now);
                deletions += call == "delete pods" ? 1 : 0;
                if (now == 16)
                    full.TrySetResult();
            }

            await full.Task.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
            lock (gate)
                now--;
        };

        await _harness.ReconcileAsync();

        deletions.Should().Be(150);
        most.Should().Be(16);
    }

    [Fact]
    public async Task A_worker_is_told_to_stay_quiet_until_it_is_gone_right_before_its_deletion()
    {
        var names = await StartAsync(2);
        Busy(names[0]);
        Limit(1);
        TimeSpan? told = null;
        _harness.Client.Before = call =>
        {
            if (call == "delete pods")
                told = _harness.Workers.QuiescedFor(names[1]);
            return Task.CompletedTask;
        };

        await _harness.SettleAsync();

        Names().Should().Equal(names[0]);
        told.Should().BeGreaterThan(TimeSpan.FromSeconds(60), "the grace period of 60 s begins after a preStop hook at the latest");
    }

    [Fact]
    public async Task A_worker_that_got_a_job_in_the_last_moment_is_not_deleted()
    {
        var names = await StartAsync(2);
        Busy(names[0]);
        Limit(1);
        _harness.Client.Before = call =>
        {
            if (call == "list pods")
                _harness.Workers[names[1]] = 1;
            return Task.CompletedTask;
        };

        for (var i = 0; i < 3; i++)
            await _harness.ReconcileAsync();

        Names().Should().Equal(names);
    }

    [Fact]
    public async Task A_worker_that_was_started_again_since_it_answered_is_asked_anew()
    {
        var names = await StartAsync(2);
        Busy(names[0]);
        Limit(1);
        _harness.Client.Before = call =>
        {
            if (call == "list pods")
                Restart(names[1]);
            return Task.CompletedTask;
        };

        for (var i = 0; i < 3; i++)
            await _harness.ReconcileAsync();
        Names().Should().Equal(names);

        _harness.Client.Before = _ => Task.CompletedTask;
        await _harness.SettleAsync();
        Names().Should().Equal(names[0]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_worker_said_before_it_was_started_again_counts_no_more(bool isOtherAddress)
    {
        var names = await StartAsync(2);
        Busy(names[0]);
        Limit(1);
        // It is chosen, and can't be removed yet.
        _harness.Cluster.Change<V1ReplicaSet>(_harness.Deployments.Single().Metadata.Name!, Samples.Namespace, set => set.Spec.Replicas = 1);
        await _harness.ReconcileAsync();
        _harness.Workers.Quiesced.Should().Equal(names[1]);

        _harness.Workers.Quiesced.Clear();
        Busy(names[1], "elsewhere");
        if (isOtherAddress)
            _harness.Cluster.Change<V1Pod>(names[1], Samples.Namespace, pod => pod.Status!.PodIP = "elsewhere");
        else
            Restart(names[1]);
        var calls = _harness.Workers.Calls.Count;
        await _harness.ReconcileAsync();

        _harness.Workers.Calls.Skip(calls).Should().Contain($"quiesce {(isOtherAddress ? "elsewhere" : names[1])}");
    }

    [Fact]
    public async Task A_pod_that_the_ReplicaSet_spares_is_seen_again()
    {
        var names = await StartAsync(3, DrainPolicies.IdleFirst, hasBudget: false);
        Busy(names[1], names[2]);
        Limit(2);
        await _harness.ReconcileAsync();
        _harness.Deployments.Single().Spec.Replicas.Should().Be(2);
        _harness.Cluster.Get<V1Pod>(names[0], Samples.Namespace)!.DrainingSince().Should().NotBeNull();

        // It turns unready between the operator's look and the ReplicaSet's, and goes in the chosen one's place.
        _harness.Cluster.Change<V1Pod>(names[2], Samples.Namespace, pod => pod.Status!.Conditions = [new V1Condition { Type = "Ready", Status = "False" }]);
        _harness.RunReplicaSets();
        Names().Should().Equal(names[0], names[1]);
        await _harness.SettleAsync();
        _harness.Workers.Quiesced.Should().BeEmpty("the one that was spared works on");

        _harness.Edit(spec => spec.Suspend = true);
        await _harness.SettleAsync();
        Names().Should().BeEmpty();
    }

    [Fact]
    public async Task Without_the_gate_nothing_is_deleted_for_a_replacement_to_take_jobs()
    {
        var names = await StartAsync(3, DrainPolicies.IdleFirst, hasBudget: false);
        Busy(names[1], names[2]);
        _harness.Cluster.Change<V1Pod>(names[2], Samples.Namespace, pod => pod.Status!.Conditions = [new V1Condition { Type = "Ready", Status = "False" }]);
        var deletions = 0;
        _harness.Client.Before = call =>
        {
            deletions += call == "delete pods" ? 1 : 0;
            return Task.CompletedTask;
        };

        Limit(2);
        await _harness.SettleAsync();
        Names().Should().Equal(names);
        _harness.Time.Advance(TimeSpan.FromSeconds(6));
        await _harness.SettleAsync();

        Names().Should().HaveCount(2).And.Contain(names[1]);
        deletions.Should().Be(0);
    }

    [Fact]
    public async Task What_is_kept_of_a_pool_goes_with_it()
    {
        await StartAsync(1);

        await _harness.DeleteAsync();

        _harness.Workers.Forgotten.Should().Equal(new NamespacedName(Samples.Namespace, "emails"));
    }

    /// <summary>A second later: so long an answer is kept.</summary>
    private Task SettleSoonAsync()
    {
        _harness.Time.Advance(TimeSpan.FromSeconds(1));
        return _harness.SettleAsync();
    }

    private async Task ReconcileUntilAsync(Task done)
    {
        while (!done.IsCompleted)
        {
            await _harness.ReconcileAsync();
            _harness.RunReplicaSets();
        }
    }

    private async Task<IReadOnlyList<string>> StartAsync(int workers, string policy = DrainPolicies.IdleOnly, bool hasBudget = true)
    {
        _harness.Cluster.Create(Samples.Budget("db", 10_000));
        _harness.Create(Samples.Pool(change: spec =>
        {
            spec.Drain.Policy = policy;
            spec.Scaling.MaxReplicas = workers;
            if (hasBudget)
                spec.Connections = [Samples.Connection("db", 10)];
        }));
        await _harness.SettleAsync();
        _harness.Ask(workers);
        await _harness.SettleAsync();
        _harness.Workers.Calls.Clear();
        Names().Should().HaveCount(workers);
        return Names();
    }

    private void Restart(string name) =>
        _harness.Cluster.Change<V1Pod>(name, Samples.Namespace, pod => pod.Status!.ContainerStatuses![0].RestartCount++);

    private void Busy(params IEnumerable<string> names)
    {
        foreach (var name in names)
            _harness.Workers[name] = 1;
    }

    /// <summary>Shrinks at once: what the autoscaler asks for counts for a while.</summary>
    private void Limit(int replicas) => _harness.Edit(spec => spec.Scaling.MaxReplicas = replicas);

    private List<string> Names() => [.. _harness.Pods.Where(pod => !pod.IsDeleting()).Select(pod => pod.Metadata.Name!).Order(StringComparer.Ordinal)];
}
