using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Controllers;

public sealed class ForeignAutoscalerTests
{
    private readonly PoolHarness _harness = new();

    [Theory]
    [InlineData("k8squeue.io/v1alpha1", "WorkerPool", "emails", true)]
    [InlineData("k8squeue.io/v1alpha1", "WorkerPool", "others", false)]
    [InlineData("example.com/v1", "WorkerPool", "emails", false)]
    [InlineData("apps/v1", "Deployment", "emails", false)]
    public async Task An_HPA_on_the_pool_is_named_and_heals_when_it_goes(string apiVersion, string kind, string name, bool found)
    {
        _harness.Cluster.Create(Horizontal("web", apiVersion, kind, name));
        _harness.Create(Samples.Pool());

        await _harness.SettleAsync();

        var condition = _harness.Condition("ScalingReady");
        (condition.Reason == "ForeignAutoscaler").Should().Be(found);
        if (!found)
            return;
        condition.Message.Should().StartWith("The HorizontalPodAutoscaler 'web' scales the WorkerPool 'emails', too");
        _harness.Cluster.Delete<V2HorizontalPodAutoscaler>("web", Samples.Namespace);
        _harness.Time.Advance(TimeSpan.FromSeconds(31));
        await _harness.SettleAsync();
        _harness.Condition("ScalingReady").Reason.Should().Be("WaitingForKeda");
    }

    [Fact]
    public async Task An_autoscaler_of_one_of_its_Deployments_is_named()
    {
        _harness.Create(Samples.Pool());
        await _harness.SettleAsync();
        var deployment = _harness.Deployments.Single().Metadata.Name!;
        _harness.Cluster.Create(new V1Alpha1ScaledObject
        {
            ApiVersion = "keda.sh/v1alpha1",
            Kind = "ScaledObject",
            Metadata = new V1ObjectMeta { Name = "mine", Namespace = Samples.Namespace },
            Spec = new ScaledObjectSpec { ScaleTargetRef = new ScaleTargetReference { Name = deployment } },
        });

        _harness.Time.Advance(TimeSpan.FromMinutes(6));
        await _harness.SettleAsync();

        _harness.Condition("ScalingReady").Message.Should().Contain("'mine'").And.Contain(deployment);
    }

    [Theory]
    [InlineData("list horizontalpodautoscalers")]
    [InlineData("list scaledobjects")]
    public async Task A_list_that_fails_hides_no_autoscaler_that_was_found(string call)
    {
        _harness.Cluster.Create(Horizontal("web", "k8squeue.io/v1alpha1", "WorkerPool", "emails"));
        _harness.Create(Samples.Pool());
        await _harness.SettleAsync();
        _harness.Client.Before = made => made == call
            ? throw new KubernetesApiException(System.Net.HttpStatusCode.InternalServerError, null, "no")
            : Task.CompletedTask;

        _harness.Time.Advance(TimeSpan.FromSeconds(31));
        await _harness.SettleAsync();
        _harness.Condition("ScalingReady").Reason.Should().Be("ForeignAutoscaler");

        _harness.Client.Before = _ => Task.CompletedTask;
        _harness.Cluster.Delete<V2HorizontalPodAutoscaler>("web", Samples.Namespace);
        _harness.Time.Advance(TimeSpan.FromSeconds(31));
        await _harness.SettleAsync();
        _harness.Condition("ScalingReady").Reason.Should().Be("WaitingForKeda");
    }

    [Fact]
    public async Task KEDAs_own_HPA_is_not_foreign()
    {
        var own = Horizontal("keda-hpa-emails", "k8squeue.io/v1alpha1", "WorkerPool", "emails");
        own.Metadata.Labels = new() { ["app.kubernetes.io/managed-by"] = "keda-operator" };
        _harness.Cluster.Create(own);
        _harness.Create(Samples.Pool());

        await _harness.SettleAsync();

        _harness.Condition("ScalingReady").Reason.Should().Be("WaitingForKeda");
    }

    [Fact]
    public async Task They_are_listed_once_in_five_minutes_for_all_pools_and_a_missing_right_stops_nothing()
    {
        var lists = 0;
        _harness.Client.Before = call =>
        {
            if (call != "list horizontalpodautoscalers")
                return Task.CompletedTask;
            lists++;
            throw new KubernetesApiException(System.Net.HttpStatusCode.Forbidden, "Forbidden", "no");
        };
        _harness.Create(Samples.Pool());
        _harness.Create(Samples.Pool("others"));

        await _harness.SettleAsync();

        lists.Should().Be(1);
        _harness.Condition("ScalingReady").Reason.Should().Be("WaitingForKeda");
    }

    [Fact]
    public async Task A_TriggerAuthentication_that_a_raw_trigger_names_is_looked_for()
    {
        _harness.Create(Samples.Pool(change: spec =>
        {
            spec.Queues = [Samples.RawQueue("mail")];
            spec.Queues[0].Keda!.AuthenticationRef = new KedaAuthenticationReference { Name = "nats" };
        }));

        await _harness.SettleAsync();

        _harness.Condition("Ready").Should().Match<V1Condition>(ready => ready.Reason == "TriggerAuthenticationNotFound" && ready.Message!.Contains("'nats'"));
    }

    [Fact]
    public async Task Suspending_and_resuming_leave_the_ScaledObject_alone()
    {
        _harness.Create(Samples.Pool());
        await _harness.SettleAsync();
        _harness.Ask(2);
        await _harness.SettleAsync();
        var before = OperatorJson.ToObject(_harness.Cluster.Get<V1Alpha1ScaledObject>("emails", Samples.Namespace)!).ToJsonString();

        _harness.Edit(spec => spec.Suspend = true);
        await _harness.SettleAsync();
        var pods = _harness.Pods.Count;
        _harness.Edit(spec => spec.Suspend = false);
        await _harness.SettleAsync();

        pods.Should().Be(0);
        _harness.Pods.Should().HaveCount(2);
        OperatorJson.ToObject(_harness.Cluster.Get<V1Alpha1ScaledObject>("emails", Samples.Namespace)!).ToJsonString().Should().Be(before);
    }

    private static V2HorizontalPodAutoscaler Horizontal(string name, string apiVersion, string kind, string target) => new()
    {
        ApiVersion = "autoscaling/v2",
        Kind = "HorizontalPodAutoscaler",
        Metadata = new V1ObjectMeta { Name = name, Namespace = Samples.Namespace },
        Spec = new HorizontalPodAutoscalerSpec { ScaleTargetRef = new ScaleTargetReference { ApiVersion = apiVersion, Kind = kind, Name = target } },
    };
}
