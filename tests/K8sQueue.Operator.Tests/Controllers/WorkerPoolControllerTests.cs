using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Controllers;

public sealed class WorkerPoolControllerTests
{
    private readonly PoolHarness _harness = new();

    [Fact]
    public async Task A_new_pool_gets_its_children_and_stays_at_zero()
    {
        _harness.Create(Samples.Pool());

        await _harness.SettleAsync();

        var deployment = _harness.Deployments.Should().ContainSingle().Subject;
        deployment.Spec.Replicas.Should().Be(0);
        deployment.IsControlledBy(_harness.Pool()).Should().BeTrue();
        _harness.Cluster.Get<V1Alpha1ScaledObject>("emails", Samples.Namespace)!.Spec.ScaleTargetRef.Kind.Should().Be("WorkerPool");
        _harness.Cluster.Get<V1Secret>("emails-management", Samples.Namespace)!.Data!["token"].Should().HaveCount(64);
        _harness.Cluster.Get<V1PodDisruptionBudget>("emails", Samples.Namespace).Should().NotBeNull();
        _harness.Pool().Status!.Selector.Should().Be("k8squeue.io/pool=emails");
        _harness.Condition("ScalingReady").Status.Should().Be("Unknown");
        _harness.Condition("Ready").Should().Match<V1Condition>(ready => ready.Status == "False" && ready.Reason == "WaitingForKeda");
        _harness.Events.Should().Equal("Normal RevisionCreated");
    }

    [Fact]
    public async Task A_pool_follows_the_autoscaler_up_and_down_to_zero()
    {
        _harness.Create(Samples.Pool());
        await _harness.SettleAsync();
        _harness.Ask(3);
        await _harness.SettleAsync();
        _harness.Granted.Should().Be(3);
        _harness.Pool().Status!.Should().Match<Operator.Entities.WorkerPoolStatus>(status => status.Replicas == 3 && status.ReadyReplicas == 3 && status.DesiredReplicas == 3);
        _harness.Condition("Ready").Reason.Should().Be("AsExpected");

        _harness.Ask(0);
        await _harness.SettleAsync();

        _harness.Pods.Should().BeEmpty();
        _harness.Condition("Ready").Reason.Should().Be("ScaledToZero");
    }

    [Fact]
    public async Task Nothing_is_written_where_nothing_changed()
    {
        _harness.Cluster.Create(Samples.Budget("db", 100));
        _harness.Create(Samples.Pool(change: spec => spec.Connections = [Samples.Connection("db", 10)]));
        await _harness.SettleAsync();
        _harness.Ask(3);
        await _harness.SettleAsync();
        var writes = _harness.Cluster.Writes.Count;

        _harness.Time.Advance(TimeSpan.FromMinutes(10));
        await _harness.ReconcileAsync();
        await _harness.ReconcileBudgetsAsync();

        _harness.Cluster.Writes.Skip(writes).Should().BeEmpty();
    }

    [Fact]
    public async Task A_reset_of_the_replicas_takes_no_worker_away()
    {
        _harness.Create(Samples.Pool());
        await _harness.SettleAsync();
        _harness.Ask(4);
        await _harness.SettleAsync();

        _harness.Edit(spec => spec.Replicas = 0);
        await _harness.SettleAsync();
        _harness.Granted.Should().Be(4, "KEDA says that its triggers are active");
        _harness.Edit(spec => spec.Replicas = 1);
        await _harness.SettleAsync();

        _harness.Granted.Should().Be(4, "the wish was four within the window");
        _harness.Pool().Status!.DesiredReplicas.Should().Be(4);
    }

    [Fact]
    public async Task Suspend_stops_every_worker_and_leaves_the_ScaledObject_alone()
    {
        _harness.Create(Samples.Pool());
        await _harness.SettleAsync();
        _harness.Ask(3);
        await _harness.SettleAsync();
        var before = _harness.Cluster.Get<V1Alpha1ScaledObject>("emails", Samples.Namespace)!.Metadata.ResourceVersion;

        _harness.Edit(spec => spec.Suspend = true);
        await _harness.SettleAsync();

        _harness.Pods.Should().BeEmpty();
        _harness.Pool().Status!.Should().Match<Operator.Entities.WorkerPoolStatus>(status => status.LimitedBy == "Suspended" && status.DesiredReplicas == 3 && status.Replicas == 0);
        _harness.Cluster.Get<V1Alpha1ScaledObject>("emails", Samples.Namespace)!.Metadata.ResourceVersion.Should().Be(before);
        _harness.Edit(spec => spec.Suspend = false);
        await _harness.SettleAsync();
        _harness.Granted.Should().Be(3);
    }

    [Fact]
    public async Task Without_the_right_to_list_ScaledObjects_the_condition_names_it_and_the_pool_has_its_workers()
    {
        _harness.Cluster.Unserved.UnionWith(["scaledobjects", "triggerauthentications"]);
        _harness.Cluster.KedaRefusal = "User \"operator\" cannot list resource \"scaledobjects\" in API group \"keda.sh\" in the namespace \"shop\"";
        _harness.Create(Samples.Pool());
        _harness.Edit(spec => spec.Replicas = 2);
        await _harness.SettleAsync();

        _harness.Condition("ScalingReady").Should().Match<V1Condition>(condition => condition.Status == "False" && condition.Reason == "KedaForbidden");
        _harness.Condition("ScalingReady").Message.Should().Contain("cannot list resource \"scaledobjects\"").And.Contain("deploy/operator");
        _harness.Granted.Should().Be(2);
    }

    [Fact]
    public async Task Without_KEDA_the_condition_says_what_to_do_and_heals_when_it_comes()
    {
        _harness.Cluster.Unserved.UnionWith(["scaledobjects", "triggerauthentications"]);
        _harness.Create(Samples.Pool());
        await _harness.SettleAsync();
        _harness.Condition("ScalingReady").Should().Match<V1Condition>(condition => condition.Status == "False" && condition.Reason == "KedaNotInstalled");
        _harness.Condition("Ready").Reason.Should().Be("KedaNotInstalled");
        _harness.Events.Should().Contain("Warning KedaNotInstalled");

        _harness.Cluster.Unserved.Clear();
        await _harness.SettleAsync();
        _harness.Keda(("False", "ScalerNotActive"));
        await _harness.SettleAsync();

        _harness.Condition("Ready").Status.Should().Be("True");
    }

    [Fact]
    public async Task A_ScaledObject_of_somebody_else_is_never_touched()
    {
        var foreign = new V1Alpha1ScaledObject { Metadata = new V1ObjectMeta { Name = "emails", Namespace = Samples.Namespace } };
        _harness.Cluster.Create(foreign);
        _harness.Create(Samples.Pool());

        await _harness.SettleAsync();

        _harness.Condition("Ready").Reason.Should().Be("ChildConflict");
        _harness.Cluster.Get<V1Alpha1ScaledObject>("emails", Samples.Namespace)!.Spec.Triggers.Should().BeEmpty();
    }

    [Fact]
    public async Task A_missing_Secret_is_named_and_found_when_it_comes()
    {
        _harness.Create(Samples.Pool(change: spec =>
            spec.Queues[0].K8squeue!.Redis.PasswordSecretRef = new() { Name = "queue-redis", Key = "password" }));
        await _harness.SettleAsync();
        _harness.Condition("Ready").Should().Match<V1Condition>(ready => ready.Reason == "SecretNotFound" && ready.Message!.Contains("queue-redis", StringComparison.Ordinal));
        (await _harness.ReconcileAsync()).Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(5));

        _harness.Cluster.Create(new V1Secret { Metadata = new V1ObjectMeta { Name = "queue-redis", Namespace = Samples.Namespace }, Data = new() { ["password"] = [1] } });
        _harness.Keda(("False", "ScalerNotActive"));
        _harness.Time.Advance(TimeSpan.FromSeconds(6));
        await _harness.SettleAsync();

        _harness.Condition("Ready").Status.Should().Be("True");
    }

    [Fact]
    public async Task Events_come_once_a_transition()
    {
        _harness.Create(Samples.Pool(change: spec => spec.Connections = [Samples.Connection("nowhere", 10)]));

        await _harness.SettleAsync();
        await _harness.ReconcileAsync();
        await _harness.ReconcileAsync();

        _harness.Events.Count(item => item == "Warning BudgetNotFound").Should().Be(1);
    }

    [Fact]
    public async Task A_limit_a_minute_slows_growth()
    {
        _harness.Create(Samples.Pool(change: spec => spec.Scaling.ScaleUp.MaxPodsPerMinute = 2));
        await _harness.SettleAsync();
        _harness.Ask(5);
        await _harness.SettleAsync();
        _harness.Granted.Should().Be(2);
        _harness.Pool().Status!.LimitedBy.Should().Be("ScaleUpRate");

        _harness.Time.Advance(TimeSpan.FromSeconds(61));
        await _harness.SettleAsync();

        _harness.Granted.Should().Be(4);
    }

    [Fact]
    public async Task A_pod_without_a_gate_in_its_template_needs_no_grant()
    {
        _harness.Create(Samples.Pool());
        await _harness.SettleAsync();

        _harness.Ask(1);
        await _harness.SettleAsync();

        _harness.Pods.Should().ContainSingle(pod => !pod.IsGated());
    }
}
