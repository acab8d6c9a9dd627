using System.Net;
using System.Text;
using K8sQueue.Core.Redis;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Discovery;
using K8sQueue.Operator.Push.Backlogs;
using K8sQueue.Operator.Tests.Fakes;
using K8sQueue.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace K8sQueue.Operator.Tests.Push;

public sealed class SecretBacklogReaderTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly FakeCluster _cluster;
    private readonly FakeKubernetesClient _client;

    public SecretBacklogReaderTests()
    {
        _cluster = new FakeCluster(_time);
        _client = new FakeKubernetesClient(_cluster);
        _cluster.Create(new V1Secret
        {
            ApiVersion = "v1",
            Kind = "Secret",
            Metadata = new V1ObjectMeta { Name = "redis", Namespace = "shop" },
            Data = new() { ["password"] = Encoding.UTF8.GetBytes("") },
        });
    }

    [Theory]
    [InlineData("redis:70000")]
    [InlineData("a..b:6379")]
    [InlineData("[::::]:6379")]
    public async Task An_address_that_is_none_is_an_error_of_its_queues(string address)
    {
        await using var reader = Reader(address, password: null);

        var error = await FluentActions.Awaiting(() => reader.ReadAsync(["a"], CancellationToken.None)).Should().ThrowAsync<BacklogUnavailableException>();
        error.Which.Message.Should().Contain(address);
    }

    [Theory]
    [InlineData("169.254.169.254:6379")]
    [InlineData("[fe80::1]:6379")]
    public async Task An_address_that_its_author_may_not_call_is_not_called(string address)
    {
        await using var reader = Reader(address, password: null);

        var error = await FluentActions.Awaiting(() => reader.ReadAsync(["a"], CancellationToken.None)).Should().ThrowAsync<BacklogUnavailableException>();
        error.Which.Message.Should().StartWith($"Redis at {address} is ").And.Contain("K8SQUEUE_OPERATOR_ALLOW_LINK_LOCAL");
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.Forbidden)]
    public async Task An_open_connection_outlives_an_api_server_that_refuses(HttpStatusCode code)
    {
        await using var server = await RedisServer.StartAsync();
        await using var reader = Reader(server.Address, "redis");
        (await reader.ReadAsync(["a"], CancellationToken.None)).Single().Backlog!.Value.Jobs.Should().Be(0);
        var asked = 0;
        _client.Before = _ =>
        {
            asked++;
            throw new KubernetesApiException(code, null, "no");
        };
        _time.Advance(TimeSpan.FromMinutes(6));

        (await reader.ReadAsync(["a"], CancellationToken.None)).Single().Backlog!.Value.Jobs.Should().Be(0);
        await reader.ReadAsync(["a"], CancellationToken.None);

        asked.Should().Be(1, "the next question comes after some minutes, not with each look");
    }

    [Fact]
    public async Task An_open_connection_outlives_an_api_server_that_is_silent()
    {
        await using var server = await RedisServer.StartAsync();
        await using var reader = Reader(server.Address, "redis");
        await reader.ReadAsync(["a"], CancellationToken.None);
        _client.Before = _ => throw new OperationCanceledException("the limit");
        _time.Advance(TimeSpan.FromMinutes(6));

        (await reader.ReadAsync(["a"], CancellationToken.None)).Single().Backlog!.Value.Jobs.Should().Be(0);
    }

    [Fact]
    public async Task Without_a_connection_an_api_server_that_refuses_is_an_error()
    {
        await using var reader = Reader("redis:6379", "redis");
        _client.Before = _ => throw new KubernetesApiException(HttpStatusCode.InternalServerError, null, "no");

        await FluentActions.Awaiting(() => reader.ReadAsync(["a"], CancellationToken.None)).Should().ThrowAsync<BacklogUnavailableException>();
    }

    private SecretBacklogReader Reader(string address, string? password) => new(
        _client, new ServerGuard(allowLinkLocal: false), new BacklogSourceKey("shop", address, 0, false, password, password is null ? null : "password", null, null), _time,
        NullLogger<RedisBacklogReader>.Instance)
    {
        Timeout = TimeSpan.FromSeconds(60),
    };
}
