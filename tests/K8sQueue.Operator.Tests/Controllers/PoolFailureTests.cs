using System.Net;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Controllers;

/// <summary>One part of a reconciliation fails; the others go on.</summary>
public sealed class PoolFailureTests
{
    private readonly PoolHarness _harness = new();

    [Theory]
    [InlineData("create secrets", HttpStatusCode.Forbidden)]
    [InlineData("get secrets", HttpStatusCode.Forbidden)]
    [InlineData("create poddisruptionbudgets", HttpStatusCode.InternalServerError)]
    [InlineData("create triggerauthentications", HttpStatusCode.InternalServerError)]
    [InlineData("create scaledobjects", HttpStatusCode.InternalServerError)]
    [InlineData("create scaledobjects", HttpStatusCode.Forbidden)]
    public async Task A_child_that_cannot_be_made_stops_neither_scaling_nor_status(string call, HttpStatusCode code)
    {
        _harness.Create(Samples.Pool(change: spec =>
            spec.Queues[0].K8squeue!.Redis.PasswordSecretRef = new() { Name = "queue-redis", Key = "password" }));
        _harness.Cluster.Create(new V1Secret { Metadata = new V1ObjectMeta { Name = "queue-redis", Namespace = Samples.Namespace }, Data = new() { ["password"] = [1] } });
        Fail(call, code);
        _harness.Ask(3);

        await _harness.SettleAsync();

        _harness.Granted.Should().Be(3);
        _harness.Pool().Status!.ReadyReplicas.Should().Be(3);
        _harness.Condition("Ready").Should().Match<V1Condition>(ready => ready.Status == "False" && ready.Message!.Contains("said by the server", StringComparison.Ordinal));
        (await _harness.ReconcileAsync()).Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(15));

        _harness.Client.Before = _ => Task.CompletedTask;
        _harness.Time.Advance(TimeSpan.FromSeconds(16));
        await _harness.SettleAsync();
        _harness.Keda(("True", "ScalerActive"));
        await _harness.SettleAsync();
        _harness.Condition("Ready").Status.Should().Be("True");
    }

    [Theory]
    [InlineData("create deployments")]
    [InlineData("patch deployments")]
    public async Task A_server_that_fails_on_Deployments_is_named_in_the_status(string call)
    {
        _harness.Create(Samples.Pool());
        Fail(call, HttpStatusCode.InternalServerError);
        _harness.Ask(1);

        await _harness.SettleAsync();

        _harness.Condition("Ready").Should().Match<V1Condition>(ready => ready.Reason == "ApiCallFailed" && ready.Message!.Contains("said by the server", StringComparison.Ordinal));
        _harness.Client.Before = _ => Task.CompletedTask;
        await _harness.SettleAsync();
        _harness.Granted.Should().Be(1);
    }

    [Theory]
    [InlineData("create poddisruptionbudgets", 3)]
    [InlineData("patch deployments", 0)]
    [InlineData("get secrets", 3)]
    public async Task What_nobody_foresaw_is_told_in_the_status_and_the_parts_after_it_have_their_turn(string call, int ready)
    {
        _harness.Create(Samples.Pool());
        _harness.Client.Before = actual => actual == call ? throw new InvalidOperationException("s3cret") : Task.CompletedTask;
        _harness.Ask(3);

        for (var i = 0; i < 5; i++)
        {
            var result = await _harness.PassAsync();
            result.Exception.Should().BeOfType<InvalidOperationException>();
            result.RequeueAfter.Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(15));
            _harness.RunReplicaSets();
            _harness.StartPods();
        }

        _harness.Pool().Status!.ReadyReplicas.Should().Be(ready);
        _harness.Condition("Ready").Should().Match<V1Condition>(condition => condition.Reason == "PassFailed"
            && condition.Message!.Contains("InvalidOperationException", StringComparison.Ordinal) && !condition.Message.Contains("s3cret", StringComparison.Ordinal));

        _harness.Client.Before = _ => Task.CompletedTask;
        await _harness.SettleAsync();
        _harness.Pool().Status!.ReadyReplicas.Should().Be(3);
        _harness.Condition("Ready").Reason.Should().NotBe("PassFailed");
    }

    [Fact]
    public async Task Children_of_a_deleted_pool_of_the_same_name_are_waited_for()
    {
        _harness.Create(Samples.Pool());
        await _harness.SettleAsync();
        _harness.Cluster.Delete<V1Alpha1WorkerPool>("emails", Samples.Namespace);
        _harness.Events.Clear();

        _harness.Create(Samples.Pool());
        await _harness.SettleAsync();

        _harness.Condition("Ready").Reason.Should().Be("WaitingForCollection");
        _harness.Events.Should().NotContain(item => item.StartsWith("Warning", StringComparison.Ordinal));
        (await _harness.ReconcileAsync()).Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task What_the_last_ScaledObject_reads_stays_where_the_new_one_is_refused()
    {
        _harness.Create(Samples.Pool(change: spec =>
            spec.Queues[0].K8squeue!.Redis.PasswordSecretRef = new() { Name = "queue-redis", Key = "password" }));
        await _harness.SettleAsync();
        _harness.Cluster.Get<V1Alpha1TriggerAuthentication>("emails-q0", Samples.Namespace).Should().NotBeNull();

        Fail("apply scaledobjects", HttpStatusCode.UnprocessableEntity);
        _harness.Cluster.Change<V1Alpha1WorkerPool>("emails", Samples.Namespace, pool => pool.Spec.Queues[0].K8squeue!.Redis.PasswordSecretRef = null);
        await _harness.SettleAsync();

        _harness.Condition("ScalingReady").Reason.Should().Be("ScaledObjectRejected");
        _harness.Cluster.Get<V1Alpha1TriggerAuthentication>("emails-q0", Samples.Namespace).Should().NotBeNull();

        _harness.Client.Before = _ => Task.CompletedTask;
        _harness.Time.Advance(TimeSpan.FromSeconds(16));
        await _harness.SettleAsync();
        _harness.Cluster.Get<V1Alpha1TriggerAuthentication>("emails-q0", Samples.Namespace).Should().BeNull();
    }

    private void Fail(string call, HttpStatusCode code) => _harness.Client.Before = actual =>
        actual == call ? throw new KubernetesApiException(code, "Failed", "said by the server") : Task.CompletedTask;
}
