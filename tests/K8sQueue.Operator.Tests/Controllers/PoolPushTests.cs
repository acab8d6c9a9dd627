using System.Net;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Controllers;

/// <summary>A pool whose queue is pushed, while what push needs is there and while it isn't.</summary>
public sealed class PoolPushTests
{
    private readonly PoolHarness _harness = new(new(new IPEndPoint(IPAddress.Loopback, 9443), "k8squeue-push:9443"));

    public PoolPushTests() => _harness.Create(Samples.Pool(change: spec => spec.Queues[0].K8squeue!.Signal = QueueSignal.Push));

    [Fact]
    public async Task An_operator_that_serves_no_push_says_which_value_of_the_chart_and_which_variables_are_missing()
    {
        var harness = new PoolHarness();
        harness.Create(Samples.Pool(change: spec => spec.Queues[0].K8squeue!.Signal = QueueSignal.Push));

        await harness.SettleAsync();

        var scaling = harness.Condition("ScalingReady");
        scaling.Reason.Should().Be("PushUnavailable");
        scaling.Message.Should().Contain("operator.push.enabled").And.Contain("K8SQUEUE_PUSH_ADDRESS").And.Contain("K8SQUEUE_PUSH_ADVERTISED_ADDRESS");
    }

    [Fact]
    public async Task Without_certificates_a_new_queue_is_polled_and_the_condition_says_why()
    {
        Fail("secrets");
        await RefreshAsync();

        await _harness.SettleAsync();

        Triggers.Should().Contain("redis-streams").And.NotContain("external-push");
        _harness.Condition("ScalingReady").Should().Match<V1Condition>(scaling =>
            scaling.Status == "False" && scaling.Reason == "PushUnavailable" && scaling.Message!.Contains("said by the server", StringComparison.Ordinal));
        _harness.Condition("Ready").Status.Should().Be("False");

        _harness.Client.Before = _ => Task.CompletedTask;
        await RefreshAsync();
        await _harness.SettleAsync();
        Triggers.Should().Equal("external-push");
        _harness.Condition("ScalingReady").Reason.Should().NotBe("PushUnavailable");
    }

    [Fact]
    public async Task Without_certificates_a_pushed_queue_stays_pushed_and_the_rest_of_the_ScaledObject_follows_the_spec()
    {
        await RefreshAsync();
        await _harness.SettleAsync();
        var before = ScaledObject.Spec.Triggers.Single().Metadata;
        Fail("secrets");
        _harness.RestartOperator();
        _harness.Edit(spec => spec.Scaling.MaxReplicas = 77);
        _harness.Time.Advance(TimeSpan.FromMinutes(6));

        await _harness.SettleAsync();

        ScaledObject.Spec.MaxReplicaCount.Should().Be(77);
        ScaledObject.Spec.Triggers.Single().Metadata.Should().BeEquivalentTo(before);
        _harness.Condition("ScalingReady").Reason.Should().Be("PushUnavailable");
    }

    [Fact]
    public async Task A_Secret_of_somebody_else_keeps_no_pool_from_being_scaled()
    {
        await RefreshAsync();
        _harness.Cluster.Create(new V1Secret
        {
            ApiVersion = "v1",
            Kind = "Secret",
            Metadata = new V1ObjectMeta { Name = "k8squeue-push-client", Namespace = Samples.Namespace },
        });

        await _harness.SettleAsync();

        Triggers.Should().NotBeEmpty().And.NotContain("external-push");
        _harness.Condition("ScalingReady").Reason.Should().Be("ChildConflict");
    }

    [Fact]
    public async Task A_Secret_that_cannot_be_written_is_tried_every_15_s_and_no_more_often()
    {
        await RefreshAsync();
        Fail("create secrets");
        await _harness.SettleAsync();

        (await _harness.ReconcileAsync()).Should().Be(TimeSpan.FromSeconds(15));

        _harness.Condition("ScalingReady").Reason.Should().Be("PushUnavailable");
    }

    [Fact]
    public async Task An_operator_that_has_not_looked_for_its_certificates_yet_says_nothing_and_looks_again_in_some_seconds()
    {
        var after = await _harness.ReconcileAsync();

        after.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(5));
        _harness.Condition("ScalingReady").Reason.Should().NotBe("PushUnavailable");
        _harness.Cluster.Get<V1Alpha1ScaledObject>("emails", Samples.Namespace).Should().BeNull();
    }

    private V1Alpha1ScaledObject ScaledObject => _harness.Cluster.Get<V1Alpha1ScaledObject>("emails", Samples.Namespace)!;

    private IEnumerable<string> Triggers => ScaledObject.Spec.Triggers.Select(trigger => trigger.Type);

    private async Task RefreshAsync()
    {
        try
        {
            await _harness.Identity!.RefreshAsync(CancellationToken.None);
        }
        catch (KubernetesApiException)
        {
            // The server of push goes on.
        }
    }

    private void Fail(string calls) => _harness.Client.Before = call => call.EndsWith(calls, StringComparison.Ordinal)
        ? throw new KubernetesApiException(HttpStatusCode.Forbidden, "Forbidden", "said by the server")
        : Task.CompletedTask;
}
