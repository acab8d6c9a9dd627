using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Controllers;

public sealed class ManagementSecretTests
{
    private const string Name = "emails-management";

    private readonly PoolHarness _harness = new();

    [Fact]
    public async Task A_deleted_Secret_comes_back_within_minutes()
    {
        await StartAsync();

        var after = await _harness.ReconcileAsync();
        after.Should().BeLessThanOrEqualTo(TimeSpan.FromMinutes(5), "nothing else wakes the controller");
        _harness.Time.Advance(after!.Value);
        await _harness.ReconcileAsync();

        Secret.Should().NotBeNull();
    }

    [Fact]
    public async Task A_deleted_Secret_that_a_pod_lacks_comes_back_at_once()
    {
        await StartAsync();
        _harness.Cluster.Change<V1Pod>(_harness.Pods[0].Metadata.Name!, Samples.Namespace, pod => pod.Status!.ContainerStatuses =
            [Samples.Container(new V1ContainerState { Waiting = new() { Reason = "CreateContainerConfigError", Message = "secret \"emails-management\" not found" } })]);
        _harness.Time.Advance(TimeSpan.FromSeconds(6));

        await _harness.ReconcileAsync();

        Secret.Should().NotBeNull();
    }

    [Fact]
    public async Task A_Secret_that_is_there_is_not_read_each_time()
    {
        await StartAsync(delete: false);
        var reads = 0;
        _harness.Client.Before = call =>
        {
            reads += call is "get secrets" or "create secrets" ? 1 : 0;
            return Task.CompletedTask;
        };

        await _harness.ReconcileAsync();
        await _harness.ReconcileAsync();

        reads.Should().Be(0);
    }

    private V1Secret? Secret => _harness.Cluster.Get<V1Secret>(Name, Samples.Namespace);

    private async Task StartAsync(bool delete = true)
    {
        _harness.Create(Samples.Pool());
        await _harness.SettleAsync();
        _harness.Ask(1);
        await _harness.SettleAsync();
        if (delete)
            _harness.Cluster.Delete<V1Secret>(Name, Samples.Namespace);
    }
}
