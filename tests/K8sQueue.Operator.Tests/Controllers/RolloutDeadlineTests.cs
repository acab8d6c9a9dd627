using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Controllers;

/// <summary>Revisions that never become ready, and what becomes of them.</summary>
public sealed class RolloutDeadlineTests
{
    private readonly PoolHarness _harness = new();

    [Fact]
    public async Task A_rollout_stops_at_its_deadline_and_says_why()
    {
        await StartAsync(replicas: 4, capacity: 100);
        await BreakAsync();
        _harness.Condition("Progressing").Reason.Should().Be("RollingOut");

        _harness.Time.Advance(TimeSpan.FromSeconds(600));
        await _harness.SettleAsync();

        foreach (var type in (string[])["Ready", "Progressing"])
        {
            _harness.Condition(type).Should().Match<V1Condition>(condition => condition.Status == "False" && condition.Reason == "ProgressDeadlineExceeded"
                && condition.Message!.Contains("ImagePullBackOff: image acme/broken: not found", StringComparison.Ordinal)
                && condition.Message.Contains("earlier revision go on", StringComparison.Ordinal));
        }

        _harness.Pool().Status!.Should().Match<Operator.Entities.WorkerPoolStatus>(status => status.ReadyReplicas == 4 && status.UpdatedReplicas == 1);
        _harness.Events.Count(item => item == "Warning ProgressDeadlineExceeded").Should().Be(1);
    }

    [Fact]
    public async Task A_pool_asks_for_a_look_at_the_deadline()
    {
        await StartAsync(replicas: 4, capacity: 100);
        await BreakAsync();
        _harness.Time.Advance(TimeSpan.FromSeconds(590));

        (await _harness.ReconcileAsync()).Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Waiting_for_connections_is_no_failure()
    {
        await StartAsync(replicas: 4, capacity: 40);
        _harness.Cluster.Change<Operator.Entities.V1Alpha1ConnectionBudget>("db", Samples.Namespace, budget => budget.Spec.External = [new() { Name = "api", Connections = 40 - 1 }]);
        await _harness.ReconcileBudgetsAsync();
        _harness.Edit(spec => spec.Template = Samples.Template("acme/other"));
        await _harness.SettleAsync();

        _harness.Time.Advance(TimeSpan.FromHours(3));
        await _harness.SettleAsync();

        _harness.Condition("Progressing").Reason.Should().NotBe("ProgressDeadlineExceeded");
    }

    [Fact]
    public async Task Another_operator_neither_starts_the_clock_anew_nor_lets_it_run_out_at_once()
    {
        await StartAsync(replicas: 4, capacity: 100);
        await BreakAsync();
        _harness.Time.Advance(TimeSpan.FromSeconds(400));

        _harness.RestartOperator();
        await _harness.SettleAsync();
        _harness.Condition("Progressing").Reason.Should().Be("RollingOut", "a third of the time is left");
        _harness.Time.Advance(TimeSpan.FromSeconds(200));
        _harness.RestartOperator();
        await _harness.SettleAsync();

        _harness.Condition("Progressing").Reason.Should().Be("ProgressDeadlineExceeded");
        _harness.RestartOperator();
        await _harness.SettleAsync();
        _harness.Condition("Progressing").Reason.Should().Be("ProgressDeadlineExceeded", "the verdict is in the status");
    }

    [Fact]
    public async Task A_cause_that_goes_heals_it()
    {
        await StallAsync(replicas: 4, capacity: 100);

        _harness.Time.Advance(TimeSpan.FromMinutes(5));
        _harness.MakeReady();
        await _harness.SettleAsync();

        _harness.Condition("Ready").Status.Should().Be("True");
        _harness.Pool().Status!.UpdatedReplicas.Should().Be(4);
        _harness.Events.Should().Contain("Normal RolloutCompleted");
    }

    [Fact]
    public async Task A_rollback_uses_the_same_Deployment_and_is_ready_at_once()
    {
        await StartAsync(replicas: 4, capacity: 100);
        var old = _harness.Deployments.Single();
        await BreakAsync();
        _harness.Time.Advance(TimeSpan.FromSeconds(600));
        await _harness.SettleAsync();

        _harness.Edit(spec => spec.Template = Samples.Template("ghcr.io/acme/emails:1.4"));
        await _harness.ReconcileAsync();
        await _harness.SettleAsync();

        _harness.Condition("Ready").Status.Should().Be("True");
        _harness.Deployments.Where(item => item.Spec.Replicas > 0).Should().ContainSingle().Which.Metadata.Uid.Should().Be(old.Metadata.Uid);
        _harness.Events.Count(item => item == "Normal RolledBack").Should().Be(1);
        var writes = _harness.Cluster.Writes.Count;
        await _harness.ReconcileAsync();
        _harness.Cluster.Writes.Count.Should().Be(writes);
    }

    [Fact]
    public async Task Where_nothing_fits_beside_the_target_the_stable_revision_comes_back()
    {
        await StallAsync(replicas: 1, capacity: 10);

        _harness.Pool().Status!.Should().Match<Operator.Entities.WorkerPoolStatus>(status => status.ReadyReplicas == 1 && status.UpdatedReplicas == 0);
        _harness.Condition("Ready").Reason.Should().Be("ProgressDeadlineExceeded");

        _harness.IsReady = _ => true;
        _harness.Time.Advance(TimeSpan.FromSeconds(6000));
        await _harness.SettleAsync();
        _harness.Condition("Ready").Status.Should().Be("True", "it is tried again after ten deadlines");
        _harness.Pool().Status!.UpdatedReplicas.Should().Be(1);
    }

    [Fact]
    public async Task A_template_that_came_at_zero_and_fails_later_is_served_by_the_stable_one()
    {
        await StartAsync(replicas: 2, capacity: 100);
        _harness.Ask(0);
        await _harness.SettleAsync();
        await BreakAsync();
        _harness.Condition("Ready").Reason.Should().Be("ScaledToZero");
        _harness.Ask(3);
        await _harness.SettleAsync();
        _harness.Pool().Status!.ReadyReplicas.Should().Be(0);

        _harness.Time.Advance(TimeSpan.FromSeconds(600));
        await _harness.SettleAsync();

        _harness.Pool().Status!.ReadyReplicas.Should().Be(3);
        _harness.Condition("Ready").Reason.Should().Be("ProgressDeadlineExceeded");
    }

    [Fact]
    public async Task A_first_revision_that_never_becomes_ready_says_so_and_goes_on_trying_at_full_size()
    {
        _harness.IsReady = _ => false;
        await StartAsync(replicas: 3, capacity: 100);
        _harness.Condition("Ready").Reason.Should().Be("PodsNotReady");

        _harness.Time.Advance(TimeSpan.FromSeconds(600));
        await _harness.SettleAsync();

        _harness.Condition("Ready").Reason.Should().Be("ProgressDeadlineExceeded");
        _harness.Granted.Should().Be(3);
        _harness.MakeReady();
        await _harness.SettleAsync();
        _harness.Condition("Ready").Status.Should().Be("True");
    }

    [Fact]
    public async Task Workers_that_fail_long_after_their_rollout_do_not_bring_old_code_back()
    {
        await StartAsync(replicas: 2, capacity: 100);
        _harness.Edit(spec => spec.Template = Samples.Template("ghcr.io/acme/emails:2"));
        await _harness.SettleAsync();
        foreach (var pod in _harness.Pods)
            _harness.Cluster.Change<V1Pod>(pod.Metadata.Name!, Samples.Namespace, item => item.Status!.Conditions![0].Status = "False");

        _harness.Time.Advance(TimeSpan.FromHours(1));
        await _harness.SettleAsync();

        _harness.Condition("Ready").Reason.Should().Be("PodsNotReady");
        _harness.Deployments.Where(item => item.Spec.Replicas > 0).Should().ContainSingle();
    }

    [Fact]
    public async Task Suspend_ends_a_rollout_in_the_middle_and_a_stalled_one_goes_on_being_told()
    {
        await StallAsync(replicas: 4, capacity: 100);

        _harness.Edit(spec => spec.Suspend = true);
        await _harness.SettleAsync();
        _harness.Pods.Should().BeEmpty();
        _harness.Condition("Ready").Reason.Should().Be("ProgressDeadlineExceeded");

        _harness.Edit(spec => spec.Suspend = false);
        await _harness.SettleAsync();
        _harness.Pool().Status!.ReadyReplicas.Should().Be(4, "of the stable revision");
    }

    [Fact]
    public async Task The_history_keeps_as_many_as_the_limit_says_in_the_order_of_their_use()
    {
        await StartAsync(replicas: 1, capacity: 100);
        _harness.Edit(spec => spec.Rollout.RevisionHistoryLimit = 2);
        var first = _harness.Deployments.Single().Metadata.Name!;
        foreach (var image in (string[])["a", "b", "ghcr.io/acme/emails:1.4", "c", "d"])
        {
            _harness.Edit(spec => spec.Template = Samples.Template(image));
            await _harness.SettleAsync();
        }

        _harness.Deployments.Should().HaveCount(3);
        _harness.Deployments.Should().Contain(item => item.Metadata.Name == first, "it was in use after a and b");
        _harness.Deployments.Where(item => item.Spec.Replicas > 0).Should().ContainSingle();
    }

    [Fact]
    public async Task The_conditions_follow_the_generation_when_the_autoscaler_writes_its_wish_and_nothing_else_is_written()
    {
        await StartAsync(replicas: 2, capacity: 100);
        await _harness.ReconcileAsync();
        var writes = _harness.Cluster.Writes.Count;

        // More than there may be: nothing comes of it but a new generation.
        _harness.Edit(spec => spec.Scaling.FallbackReplicas = 2);
        _harness.Edit(spec => spec.Scaling.FallbackReplicas = null);
        await _harness.ReconcileAsync();

        var pool = _harness.Pool();
        pool.Status!.ObservedGeneration.Should().Be(pool.Metadata.Generation);
        pool.Status.Conditions.Should().OnlyContain(condition => condition.ObservedGeneration == pool.Metadata.Generation);
        _harness.Cluster.Writes.Skip(writes).Should().Equal("status workerpools/emails");
        _harness.Condition("Ready").Status.Should().Be("True");
    }

    private async Task StallAsync(int replicas, int capacity)
    {
        await StartAsync(replicas, capacity);
        await BreakAsync();
        _harness.Time.Advance(TimeSpan.FromSeconds(600));
        await _harness.SettleAsync();
        _harness.Condition("Progressing").Reason.Should().Be("ProgressDeadlineExceeded");
    }

    private async Task BreakAsync()
    {
        _harness.IsReady = pod => pod.Label(Labels.Revision) != Operator.Revisions.RevisionHash.Of(_harness.Pool().Spec);
        _harness.Trouble = new V1ContainerStatus
        {
            Name = "worker",
            Image = "acme/broken",
            State = new V1ContainerState { Waiting = new() { Reason = "ImagePullBackOff", Message = "Back-off pulling image \"acme/broken\": ErrImagePull: not found" } },
        };
        _harness.Edit(spec => spec.Template = Samples.Template("acme/broken"));
        await _harness.SettleAsync();
    }

    private async Task StartAsync(int replicas, int capacity)
    {
        _harness.Cluster.Create(Samples.Budget("db", capacity));
        _harness.Create(Samples.Pool(change: spec => spec.Connections = [Samples.Connection("db", 10)]));
        await _harness.SettleAsync();
        _harness.Ask(replicas);
        await _harness.SettleAsync();
        _harness.Granted.Should().Be(replicas);
    }
}
