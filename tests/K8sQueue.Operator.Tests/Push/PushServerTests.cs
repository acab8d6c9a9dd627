using System.Net;
using System.Text;
using K8sQueue.Kubernetes.Controllers;
using K8sQueue.LocalCluster.Autoscaling.Scalers.External;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Push;
using K8sQueue.Operator.Push.Backlogs;
using K8sQueue.Operator.Push.Certificates;
using K8sQueue.Operator.Push.Grpc;
using K8sQueue.Operator.Push.Protocol;
using K8sQueue.Operator.Tests.Fakes;
using K8sQueue.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace K8sQueue.Operator.Tests.Push;

/// <summary>The server over a real socket, with TLS and HTTP/2, and KEDA's side of the protocol.</summary>
public sealed class PushServerTests : IAsyncLifetime, IDisposable
{
    private const string Path = "/externalscaler.ExternalScaler/";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Certificates are checked by this machine's clock, too.
    private readonly ManualTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly FakeBacklogReader _redis = new();
    private readonly FakeCluster _cluster = new(TimeProvider.System);
    private readonly LateTimers _timers = new();
    private readonly BacklogSources _sources;
    private readonly PushIdentity _identity;
    private readonly PushServer _server;

    public PushServerTests()
    {
        var client = new FakeKubernetesClient(_cluster);
        var endpoint = new IPEndPoint(IPAddress.Loopback, FreePort.Next());
        _sources = new BacklogSources(_ => _redis, TimeProvider.System, NullLogger.Instance);
        _identity = new PushIdentity(
            client, new PushSettings(endpoint, endpoint.ToString()), "k8squeue-system", _time, NullLogger<PushIdentity>.Instance);
        var service = new ExternalScalerService(FakeStores.Over(_cluster), new OperatorStatus([]), _sources, _timers);
        _server = new PushServer(
            _identity, service, _sources, NullLoggerFactory.Instance, _time, NullLogger<PushServer>.Instance);
    }

    public async Task InitializeAsync()
    {
        _cluster.Create(Samples.Pool("emails", spec => spec.Queues[0].K8squeue!.Signal = QueueSignal.Push));
        await _server.StartAsync(CancellationToken.None);
        await Eventually.IsTrue(async () =>
        {
            try
            {
                using var channel = Channel("shop");
                return await Client(channel).SpecAsync(CancellationToken.None) is not null;
            }
            catch (Exception e) when (e is RpcException or NullReferenceException)
            {
                return false;
            }
        });
    }

    public async Task DisposeAsync()
    {
        await _server.StopAsync(CancellationToken.None);
        await _sources.DisposeAsync();
    }

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task The_value_is_the_backlog_and_the_target_the_jobs_a_replica()
    {
        using var channel = Channel("shop");
        var client = Client(channel);
        _redis.Jobs["emails"] = 41;
        await Eventually.IsTrue(async () => await client.IsActiveAsync(CancellationToken.None));

        var spec = (await client.SpecAsync(CancellationToken.None))!;

        (spec.MetricName, spec.TargetSize, spec.TargetSizeFloat).Should().Be(("k8squeue-emails", 20, 20.0));
        (await client.MetricAsync(spec.MetricName, CancellationToken.None)).Should().Be(41);
    }

    [Fact]
    public async Task An_empty_queue_is_not_active()
    {
        using var channel = Channel("shop");

        (await Client(channel).IsActiveAsync(CancellationToken.None)).Should().BeFalse();
        (await Client(channel).MetricAsync("k8squeue-emails", CancellationToken.None)).Should().Be(0);
    }

    [Fact]
    public async Task A_redis_that_is_away_is_unavailable_and_no_zero()
    {
        using var channel = Channel("shop");
        _redis.IsAway = true;

        await FailsAsync(() => Client(channel).MetricAsync("k8squeue-emails", CancellationToken.None), GrpcStatusCode.Unavailable);
        await FailsAsync(() => Client(channel).IsActiveAsync(CancellationToken.None), GrpcStatusCode.Unavailable);
    }

    [Fact]
    public async Task A_certificate_of_another_namespace_is_denied()
    {
        using var channel = Channel("other");

        await FailsAsync(() => Client(channel).MetricAsync("k8squeue-emails", CancellationToken.None), GrpcStatusCode.PermissionDenied);
        await FailsAsync(() => Client(channel).StreamAsync(CancellationToken.None).GetAsyncEnumerator().MoveNextAsync().AsTask(), GrpcStatusCode.PermissionDenied);
    }

    [Fact]
    public async Task Who_has_no_certificate_or_a_foreign_one_does_not_get_in()
    {
        var foreign = ClientMaterial.Make(PushMaterial.Renew(null, "k8squeue-push", DateTimeOffset.Parse("2026-01-01T00:00:00Z", null)), "shop", TimeProvider.System.GetUtcNow());
        using var without = new RpcChannel(_identity.Settings.AdvertisedAddress, Text(_identity.Material!.Bundle), null, null);
        using var with = new RpcChannel(
            _identity.Settings.AdvertisedAddress, Text(_identity.Material!.Bundle), Text(foreign["tls.crt"]), Text(foreign["tls.key"]));

        await FailsAsync(() => Client(without).IsActiveAsync(CancellationToken.None), GrpcStatusCode.Unavailable);
        await FailsAsync(() => Client(with).IsActiveAsync(CancellationToken.None), GrpcStatusCode.Unavailable);
    }

    [Fact]
    public async Task A_certificate_that_ended_is_refused_on_an_open_connection()
    {
        var left = TimeSpan.FromMinutes(10);
        using var channel = Channel("shop", _time.GetUtcNow() - PushLifetimes.Leaf + left);
        (await Client(channel).IsActiveAsync(CancellationToken.None)).Should().BeFalse();

        _time.Advance(left + TimeSpan.FromSeconds(1));

        await FailsAsync(() => Client(channel).IsActiveAsync(CancellationToken.None), GrpcStatusCode.Unauthenticated);
    }

    [Fact]
    public async Task A_pool_or_a_queue_that_is_not_pushed_is_not_found()
    {
        _cluster.Create(Samples.Pool("polled"));
        using var channel = Channel("shop");

        await FailsAsync(() => Client(channel, "polled").IsActiveAsync(CancellationToken.None), GrpcStatusCode.NotFound);
        await FailsAsync(() => Client(channel, "nobody").IsActiveAsync(CancellationToken.None), GrpcStatusCode.NotFound);
        await FailsAsync(() => Client(channel, "emails", "other").IsActiveAsync(CancellationToken.None), GrpcStatusCode.NotFound);
        await FailsAsync(() => Client(channel).MetricAsync("other", CancellationToken.None), GrpcStatusCode.NotFound);
    }

    [Fact]
    public async Task An_address_in_the_triggers_metadata_is_not_believed()
    {
        using var channel = Channel("shop");
        var reference = Reference("emails", "emails");
        reference.ScalerMetadata["address"] = "203.0.113.7:6379";

        (await new ExternalScalerClient(channel, reference).IsActiveAsync(CancellationToken.None)).Should().BeFalse();
        _sources.Find(new BacklogSourceKey("shop", "redis-queue:6379", 0, false, null, null, null, null)).Should().NotBeNull();
    }

    [Fact]
    public async Task A_stream_says_that_there_is_work()
    {
        using var channel = Channel("shop");
        await using var stream = Client(channel).StreamAsync(CancellationToken.None).GetAsyncEnumerator();
        var first = stream.MoveNextAsync().AsTask();
        await Eventually.IsTrue(() => Task.FromResult(_sources.Streams == 1));
        first.IsCompleted.Should().BeFalse();

        _redis.Jobs["emails"] = 1;

        (await first.WaitAsync(Patience)).Should().BeTrue();
        stream.Current.Should().BeTrue();
    }

    [Fact]
    public async Task Streams_end_with_ok_at_shutdown()
    {
        using var channel = Channel("shop");
        await using var stream = Client(channel).StreamAsync(CancellationToken.None).GetAsyncEnumerator();
        var next = stream.MoveNextAsync().AsTask();
        await Eventually.IsTrue(() => Task.FromResult(_sources.Streams == 1));

        await _server.StopAsync(CancellationToken.None);

        (await next.WaitAsync(Patience)).Should().BeFalse("the end is one of OK");
    }

    [Fact]
    public Task A_callers_end_frees_its_stream() => EndStreamAsync();

    [Fact]
    public async Task A_look_that_is_due_just_as_its_stream_ends_does_no_harm()
    {
        await EndStreamAsync();
        await _server.StopAsync(CancellationToken.None);

        _timers.Count.Should().BePositive();
        _timers.Invoking(timers => timers.FireAll()).Should().NotThrow();
    }

    [Fact]
    public async Task One_connection_carries_hundreds_of_streams_and_calls_beside_them()
    {
        using var channel = Channel("shop");
        using var stop = new CancellationTokenSource();
        var streams = Enumerable.Range(0, 300).Select(_ => Client(channel).StreamAsync(stop.Token).GetAsyncEnumerator(stop.Token)).ToList();
        var waiting = streams.Select(stream => stream.MoveNextAsync().AsTask()).ToList();
        await Eventually.IsTrue(() => Task.FromResult(_sources.Streams == streams.Count));

        (await Client(channel).MetricAsync("k8squeue-emails", stop.Token)).Should().Be(0);

        await stop.CancelAsync();
        await FluentActions.Awaiting(() => Task.WhenAll(waiting)).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task An_unknown_method_and_a_compressed_message_are_unimplemented()
    {
        using var channel = Channel("shop");

        await FailsAsync(() => CallAsync(channel, "/grpc.health.v1.Health/Check", compressed: false), GrpcStatusCode.Unimplemented);
        await FailsAsync(() => CallAsync(channel, Path + "IsActive", compressed: true), GrpcStatusCode.Unimplemented);
    }

    [Fact]
    public async Task A_stream_whose_deadline_has_passed_ends_with_that()
    {
        var deadline = TimeSpan.FromMilliseconds(300);
        using var channel = Channel("shop", deadline: deadline);
        await using var stream = Client(channel).StreamAsync(CancellationToken.None).GetAsyncEnumerator();
        var next = stream.MoveNextAsync().AsTask();
        await Eventually.IsTrue(() => Task.FromResult(_sources.Streams == 1));

        _time.Advance(deadline);

        await FailsAsync(() => next.WaitAsync(Patience), GrpcStatusCode.DeadlineExceeded);
    }

    /// <summary>A caller opens a stream that has nothing to say, and ends it.</summary>
    private async Task EndStreamAsync()
    {
        using var channel = Channel("shop");
        using var stop = new CancellationTokenSource();
        await using var stream = Client(channel).StreamAsync(stop.Token).GetAsyncEnumerator(stop.Token);
        var next = stream.MoveNextAsync().AsTask();
        await Eventually.IsTrue(() => Task.FromResult(_sources.Streams == 1));
        await stop.CancelAsync();

        await Eventually.IsTrue(() => Task.FromResult(_sources.Streams == 0));
        await FluentActions.Awaiting(() => next).Should().ThrowAsync<OperationCanceledException>();
    }

    private static Task<IsActiveResponse> CallAsync(RpcChannel channel, string path, bool compressed) =>
        channel.CallAsync(path, RpcChannel.Frame(Reference("emails", "emails"), compressed), IsActiveResponse.Parser, CancellationToken.None);

    private static async Task FailsAsync<T>(Func<Task<T>> call, GrpcStatusCode code)
    {
        var failure = await FluentActions.Awaiting(call).Should().ThrowAsync<RpcException>();
        failure.Which.Status.Should().Be((int)code, failure.Which.Message);
    }

    private static ExternalScalerClient Client(RpcChannel channel, string pool = "emails", string queue = "emails") =>
        new(channel, Reference(pool, queue));

    private static ScaledObjectRef Reference(string pool, string queue) =>
        new() { Name = pool, Namespace = "shop", ScalerMetadata = { ["queue"] = queue } };

    private static string Text(byte[] pem) => Encoding.ASCII.GetString(pem);

    private RpcChannel Channel(string @namespace, DateTimeOffset? issuedAt = null, TimeSpan? deadline = null)
    {
        var data = ClientMaterial.Make(_identity.Material!, @namespace, issuedAt ?? _time.GetUtcNow());
        return new RpcChannel(_identity.Settings.AdvertisedAddress, Text(data["ca.crt"]), Text(data["tls.crt"]), Text(data["tls.key"])) { Deadline = deadline };
    }
}
