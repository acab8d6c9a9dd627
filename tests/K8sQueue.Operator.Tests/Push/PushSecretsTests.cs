using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Push;
using K8sQueue.Operator.Push.Certificates;
using K8sQueue.Operator.Tests.Fakes;
using K8sQueue.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace K8sQueue.Operator.Tests.Push;

public sealed class PushSecretsTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly FakeCluster _cluster;
    private readonly FakeKubernetesClient _client;

    public PushSecretsTests()
    {
        _cluster = new FakeCluster(_time);
        _client = new FakeKubernetesClient(_cluster);
    }

    [Fact]
    public async Task Replicas_that_start_together_use_one_secret()
    {
        var (first, second) = (Identity(), Identity());

        // The second looks before the first has written, and writes after it.
        var raced = false;
        _client.Before = async call =>
        {
            if (call != "create secrets" || raced)
                return;
            raced = true;
            await second.RefreshAsync(CancellationToken.None);
        };
        await first.RefreshAsync(CancellationToken.None);

        first.Material!.Bundle.Should().Equal(second.Material!.Bundle);
        first.Material.Server.Thumbprint.Should().Be(second.Material.Server.Thumbprint);
    }

    [Fact]
    public async Task Replicas_that_renew_together_use_one_certificate()
    {
        var (first, second) = (Identity(), Identity());
        await first.RefreshAsync(CancellationToken.None);
        await second.RefreshAsync(CancellationToken.None);
        var before = first.Material!.Server.Thumbprint;
        _time.Advance(TimeSpan.FromDays(61));
        var raced = false;
        _client.Before = async call =>
        {
            if (call != "replace secrets" || raced)
                return;
            raced = true;
            await second.RefreshAsync(CancellationToken.None);
        };

        await first.RefreshAsync(CancellationToken.None);

        first.Material!.Server.Thumbprint.Should().Be(second.Material!.Server.Thumbprint).And.NotBe(before);
    }

    [Fact]
    public async Task A_refusal_leaves_in_use_what_was_read()
    {
        var identity = Identity();
        await identity.RefreshAsync(CancellationToken.None);
        var before = identity.Material;
        _client.Before = _ => throw new KubernetesApiException("no");

        await FluentActions.Awaiting(() => identity.RefreshAsync(CancellationToken.None)).Should().ThrowAsync<KubernetesApiException>();

        identity.Material.Should().BeSameAs(before);
    }

    [Fact]
    public async Task Nothing_is_written_while_nothing_is_due()
    {
        var identity = Identity();
        await identity.RefreshAsync(CancellationToken.None);
        var clients = Clients(identity);
        var pool = Pool("emails");
        var first = await clients.EnsureAsync(pool, CancellationToken.None);
        _cluster.Writes.Clear();

        _time.Advance(TimeSpan.FromDays(30));
        await identity.RefreshAsync(CancellationToken.None);
        var second = await clients.EnsureAsync(pool, CancellationToken.None);

        second.Should().Be(first);
        _cluster.Writes.Should().BeEmpty();
    }

    [Fact]
    public async Task A_namespaces_pools_share_a_secret_and_a_few_of_them_own_it()
    {
        var identity = Identity();
        await identity.RefreshAsync(CancellationToken.None);
        var clients = Clients(identity);
        var first = await clients.EnsureAsync(Pool("p0"), CancellationToken.None);

        for (var i = 1; i < 20; i++)
            (await clients.EnsureAsync(Pool($"p{i}"), CancellationToken.None)).Should().Be(first);

        Owners.Should().Equal("p0", "p1", "p2");
        _cluster.Writes.Count(write => write.Contains("secrets/k8squeue-push-client", StringComparison.Ordinal)).Should().BeLessThanOrEqualTo(3);
    }

    [Fact]
    public async Task An_owner_that_polls_by_now_or_is_gone_is_replaced()
    {
        var identity = Identity();
        await identity.RefreshAsync(CancellationToken.None);
        var clients = Clients(identity);
        var pools = new[] { "p0", "p1", "p2", "p3", "p4" }.Select(Pool).ToList();
        foreach (var pool in pools)
            await clients.EnsureAsync(pool, CancellationToken.None);
        _cluster.Change<V1Alpha1WorkerPool>("p0", Samples.Namespace, pool => pool.Spec.Queues[0].K8squeue!.Signal = QueueSignal.Poll);
        _cluster.Remove<V1Alpha1WorkerPool>("p2", Samples.Namespace);

        _time.Advance(ClientSecrets.Interval);
        await clients.EnsureAsync(pools[4], CancellationToken.None);

        Owners.Should().Equal("p1", "p3", "p4");
    }

    [Fact]
    public async Task A_renewed_certificate_makes_the_trigger_another_one()
    {
        var identity = Identity();
        await identity.RefreshAsync(CancellationToken.None);
        var clients = Clients(identity);
        var before = await clients.EnsureAsync(Pool("emails"), CancellationToken.None);

        _time.Advance(TimeSpan.FromDays(61));
        await identity.RefreshAsync(CancellationToken.None);
        var after = await clients.EnsureAsync(Pool("emails"), CancellationToken.None);

        after!.Certificate.Should().NotBe(before!.Certificate);
        after.ScalerAddress.Should().Be(before.ScalerAddress);
    }

    [Fact]
    public async Task A_certificate_that_somebody_exchanged_is_made_anew()
    {
        var identity = Identity();
        await identity.RefreshAsync(CancellationToken.None);
        var clients = Clients(identity);
        await clients.EnsureAsync(Pool("emails"), CancellationToken.None);
        var other = ClientMaterial.Make(identity.Material!, "other", _time.GetUtcNow());
        _cluster.Change<V1Secret>("k8squeue-push-client", Samples.Namespace, secret => secret.Data = other);

        _time.Advance(TimeSpan.FromMinutes(6));
        await clients.EnsureAsync(Pool("emails"), CancellationToken.None);

        var data = _cluster.Get<V1Secret>("k8squeue-push-client", Samples.Namespace)!.Data;
        ClientMaterial.IsGood(data, identity.Material!, Samples.Namespace, _time.GetUtcNow()).Should().BeTrue();
    }

    [Fact]
    public async Task A_secret_of_somebody_else_is_left_alone()
    {
        var identity = Identity();
        await identity.RefreshAsync(CancellationToken.None);
        _cluster.Create(new V1Secret
        {
            ApiVersion = "v1",
            Kind = "Secret",
            Metadata = new V1ObjectMeta { Name = "k8squeue-push-client", Namespace = Samples.Namespace },
        });
        var pool = Pool("emails");
        _cluster.Writes.Clear();

        await FluentActions.Awaiting(() => Clients(identity).EnsureAsync(pool, CancellationToken.None))
            .Should().ThrowAsync<ForeignSecretException>();

        _cluster.Writes.Should().BeEmpty();
    }

    private IEnumerable<string> Owners =>
        _cluster.Get<V1Secret>("k8squeue-push-client", Samples.Namespace)!.Metadata.OwnerReferences!.Select(owner => owner.Name);

    private V1Alpha1WorkerPool Pool(string name)
    {
        if (_cluster.Get<V1Alpha1WorkerPool>(name, Samples.Namespace) is { } present)
            return present;
        var pool = Samples.Pool(name, spec => spec.Queues[0].K8squeue!.Signal = QueueSignal.Push);
        pool.Metadata.Uid = null;
        return _cluster.Create(pool);
    }

    private ClientSecrets Clients(PushIdentity identity) => new(_client, FakeStores.Over(_cluster), identity, _time);

    private PushIdentity Identity() => new(
        _client, new PushSettings(new(System.Net.IPAddress.Loopback, 9443), "k8squeue-push:9443"), "k8squeue-system", _time, NullLogger<PushIdentity>.Instance);
}
