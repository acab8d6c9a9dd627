using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Controllers.WorkerPools;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Controllers;

public sealed class ScaledObjectTeardownTests
{
    private readonly PoolHarness _harness = new();
    private readonly List<string> _events = [];
    private readonly ScaledObjectTeardown _teardown;

    public ScaledObjectTeardownTests() => _teardown = new ScaledObjectTeardown(
        _harness.Client, _harness.Stores, (_, reason, _, _, _) =>
        {
            _events.Add(reason);
            return Task.CompletedTask;
        }, _harness.Time);

    [Fact]
    public async Task The_ScaledObject_goes_first()
    {
        await StartAsync();

        (await FinalizeAsync()).Should().NotBeNull("it waits until the ScaledObject is gone");
        _harness.Cluster.Get<V1Alpha1ScaledObject>("emails", Samples.Namespace).Should().BeNull();
        (await FinalizeAsync()).Should().BeNull();
    }

    [Fact]
    public async Task A_ScaledObject_that_hangs_is_waited_for_with_a_bound()
    {
        await StartAsync();
        _harness.Cluster.Change<V1Alpha1ScaledObject>("emails", Samples.Namespace, item => item.Metadata.Finalizers = ["finalizer.keda.sh"]);

        (await FinalizeAsync()).Should().NotBeNull();
        _harness.Time.Advance(TimeSpan.FromSeconds(31));

        (await FinalizeAsync()).Should().BeNull();
        _events.Should().Equal("ScaledObjectStuck");
    }

    [Fact]
    public async Task A_foreign_ScaledObject_stays()
    {
        _harness.Cluster.Create(new V1Alpha1ScaledObject { Metadata = new V1ObjectMeta { Name = "emails", Namespace = Samples.Namespace } });
        await StartAsync();

        (await FinalizeAsync()).Should().BeNull();
        _harness.Cluster.Get<V1Alpha1ScaledObject>("emails", Samples.Namespace).Should().NotBeNull();
    }

    private async Task StartAsync()
    {
        _harness.Create(Samples.Pool());
        await _harness.SettleAsync();
        _harness.Cluster.Change<Operator.Entities.V1Alpha1WorkerPool>("emails", Samples.Namespace, pool => pool.Metadata.DeletionTimestamp = _harness.Time.GetUtcNow());
    }

    private async Task<TimeSpan?> FinalizeAsync()
    {
        var result = await _teardown.FinalizeAsync(_harness.Pool(), CancellationToken.None);
        result.IsSuccess.Should().BeTrue();
        return result.RequeueAfter;
    }
}
