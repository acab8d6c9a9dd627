using System.Net;
using System.Text;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Tests.Fakes;
using K8sQueue.Testing;
using Microsoft.AspNetCore.Http;

namespace K8sQueue.Operator.Tests.Drains;

/// <summary>Over real sockets, against a worker that answers as it is told.</summary>
public sealed class WorkerManagementClientTests : IAsyncLifetime, IDisposable
{
    private static readonly NamespacedName Pool = new(Samples.Namespace, "emails");

    private readonly ManualTimeProvider _time = new();
    private readonly FakeCluster _cluster;
    private readonly FakeKubernetesClient _kubernetes;
    private readonly WorkerManagementClient _client;
    private readonly StubWorker _worker = new();

    public WorkerManagementClientTests()
    {
        _cluster = new FakeCluster(_time);
        _kubernetes = new FakeKubernetesClient(_cluster);
        _client = new WorkerManagementClient(_kubernetes, _time);
        _cluster.Create(new V1Secret
        {
            Metadata = new V1ObjectMeta { Name = "emails-management", Namespace = Samples.Namespace },
            Data = new() { ["token"] = Encoding.ASCII.GetBytes("first\n") },
        });
    }

    public Task InitializeAsync() => _worker.StartAsync();

    public async Task DisposeAsync() => await _worker.DisposeAsync();

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_worker_is_asked_with_the_pools_token()
    {
        var answer = await AskAsync();

        answer.Should().Be(new WorkerAnswer.Report(3, Quiesced: false, Draining: false));
        _worker.Requests.Should().Equal("GET /inflight Bearer first");
    }

    [Fact]
    public async Task A_worker_says_what_keeps_it_from_jobs()
    {
        _worker.Answer = context => context.Response.WriteAsync("""{"inFlight": 1, "quiesced": false, "blockedBy": "queue-rate"}""", context.RequestAborted);

        (await AskAsync()).Should().Be(new WorkerAnswer.Report(1, Quiesced: false, Draining: false, "queue-rate"));
    }

    [Fact]
    public async Task A_worker_is_told_for_how_long_to_fetch_no_more()
    {
        await _client.QuiesceAsync(Endpoint, TimeSpan.FromSeconds(30), null, CancellationToken.None);
        await _client.ResumeAsync(Endpoint, null, CancellationToken.None);

        _worker.Requests.Should().Equal("POST /quiesce?ttlSeconds=30 Bearer first", "POST /resume Bearer first");
    }

    [Theory]
    [InlineData("12", "&heldAt=12", "?seenAt=12")]
    [InlineData("a&b=c", "", "")]
    [InlineData("-1", "", "")]
    public async Task A_worker_is_told_the_version_of_its_pod_where_versions_are_numbers(string version, string held, string seen)
    {
        await _client.QuiesceAsync(Endpoint, TimeSpan.FromSeconds(30), version, CancellationToken.None);
        await _client.ResumeAsync(Endpoint, version, CancellationToken.None);

        _worker.Requests.Should().Equal($"POST /quiesce?ttlSeconds=30{held} Bearer first", $"POST /resume{seen} Bearer first");
    }

    [Fact]
    public async Task A_token_that_is_refused_is_read_again()
    {
        await AskAsync();
        ChangeToken("second");
        _worker.Answer = context => context.Request.Headers.Authorization == "Bearer second" ? Json(context) : Status(context, 401);
        _time.Advance(TimeSpan.FromSeconds(6));

        (await AskAsync()).Should().BeOfType<WorkerAnswer.Report>();
        _worker.Requests.Should().HaveCount(3);
    }

    [Fact]
    public async Task A_token_that_is_refused_again_is_not_tried_for_every_worker()
    {
        _worker.Answer = context => Status(context, 401);

        (await AskAsync()).Should().Be(new WorkerAnswer.Silence("401"));
        (await AskAsync()).Should().Be(new WorkerAnswer.Silence("401"));
        _worker.Requests.Should().HaveCount(2, "a call each");
    }

    [Fact]
    public async Task Without_a_token_nobody_is_asked()
    {
        _cluster.Delete<V1Secret>("emails-management", Samples.Namespace);

        (await AskAsync()).Should().BeOfType<WorkerAnswer.Silence>().Which.Why.Should().Contain("no management token");
        _worker.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task A_token_that_no_header_can_hold_is_no_token()
    {
        ChangeToken("one\ntwo");

        (await AskAsync()).Should().BeOfType<WorkerAnswer.Silence>().Which.Why.Should().Contain("token");
        _worker.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Many_workers_at_once_read_the_token_once()
    {
        var (reads, answer) = (0, new TaskCompletionSource());
        _kubernetes.Before = call =>
        {
            Interlocked.Increment(ref reads);
            return answer.Task;
        };

        var asking = Enumerable.Range(0, 64).Select(_ => AskAsync()).ToList();
        answer.SetResult();

        (await Task.WhenAll(asking)).Should().OnlyContain(said => said is WorkerAnswer.Report);
        reads.Should().Be(1);
    }

    [Fact]
    public async Task One_that_gives_up_does_not_end_the_read_that_others_wait_for()
    {
        var answer = new TaskCompletionSource();
        _kubernetes.Before = _ => answer.Task;
        using var stop = new CancellationTokenSource();
        var first = _client.AskAsync(Endpoint, stop.Token);
        var second = AskAsync();

        await stop.CancelAsync();
        await FluentActions.Awaiting(() => first).Should().ThrowAsync<OperationCanceledException>();
        answer.SetResult();

        (await second).Should().BeOfType<WorkerAnswer.Report>();
    }

    [Fact]
    public async Task A_read_that_failed_is_told_to_all_and_soon_tried_again()
    {
        var reads = 0;
        _kubernetes.Before = call =>
        {
            reads++;
            throw new KubernetesApiException(HttpStatusCode.Forbidden, "Forbidden", "said by the server");
        };

        for (var i = 0; i < 3; i++)
            (await AskAsync()).Should().BeOfType<WorkerAnswer.Silence>().Which.Why.Should().Contain("said by the server");
        reads.Should().Be(1);

        _kubernetes.Before = _ => Task.CompletedTask;
        _time.Advance(TimeSpan.FromSeconds(2));
        (await AskAsync()).Should().BeOfType<WorkerAnswer.Report>();
    }

    [Fact]
    public async Task The_token_of_a_pool_that_is_gone_is_forgotten()
    {
        await AskAsync();
        ChangeToken("second");

        _client.Forget(Pool);
        await AskAsync();

        _worker.Requests.Should().Equal("GET /inflight Bearer first", "GET /inflight Bearer second");
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        _worker.Answer = context =>
        {
            context.Response.Headers.Location = "/elsewhere";
            return Status(context, 307);
        };

        (await AskAsync()).Should().Be(new WorkerAnswer.Silence("307"));
        _worker.Requests.Should().ContainSingle();
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"inFlight\": -1}")]
    [InlineData("{\"inFlight\": \"none\"}")]
    [InlineData("{}")]
    [InlineData("{\"inFlight\": 0}")]
    [InlineData("<html>")]
    public async Task An_answer_that_says_not_all_is_none(string body)
    {
        _worker.Answer = context => context.Response.WriteAsync(body, context.RequestAborted);

        (await AskAsync()).Should().Be(new WorkerAnswer.Silence("its answer can't be read"));
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read()
    {
        _worker.Answer = async context =>
        {
            var chunk = new byte[1024];
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
        };

        (await AskAsync()).Should().BeOfType<WorkerAnswer.Silence>();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_worker_that_takes_its_time_is_not_waited_for(bool afterHeaders)
    {
        var asked = new TaskCompletionSource();
        _worker.Answer = async context =>
        {
            if (afterHeaders)
                await context.Response.Body.FlushAsync(context.RequestAborted);
            asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        };

        var answer = AskAsync();
        await asked.Task;
        _time.Advance(TimeSpan.FromSeconds(3));

        (await answer).Should().BeOfType<WorkerAnswer.Silence>().Which.TookLong.Should().BeTrue();
    }

    [Fact]
    public async Task A_closed_port_is_silence()
    {
        var endpoint = Endpoint;
        await _worker.DisposeAsync();

        (await _client.AskAsync(endpoint, CancellationToken.None)).Should().Be(new WorkerAnswer.Silence("ConnectionError", NobodyListens: true));
    }

    [Fact]
    public async Task An_address_that_is_none_is_not_looked_up() =>
        (await _client.AskAsync(Endpoint with { Address = "localhost" }, CancellationToken.None)).Should().Be(new WorkerAnswer.Silence("it has no address"));

    [Fact]
    public async Task The_operators_own_end_is_no_answer()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        var asking = () => _client.AskAsync(Endpoint, stop.Token);

        await asking.Should().ThrowAsync<OperationCanceledException>();
    }

    private WorkerEndpoint Endpoint => new(Pool, IPAddress.Loopback.ToString(), _worker.Port);

    private Task<WorkerAnswer> AskAsync() => _client.AskAsync(Endpoint, CancellationToken.None);

    private void ChangeToken(string token) =>
        _cluster.Change<V1Secret>("emails-management", Samples.Namespace, secret => secret.Data!["token"] = Encoding.ASCII.GetBytes(token));

    private static Task Json(HttpContext context) => context.Response.WriteAsync("""{"inFlight": 3, "quiesced": false, "draining": false}""", context.RequestAborted);

    private static Task Status(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }
}
