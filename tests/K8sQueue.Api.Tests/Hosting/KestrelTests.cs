using System.Net;
using System.Net.Sockets;
using System.Text;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Api.Tests.Hosting;

public sealed class KestrelTests
{
    private const string Jobs = "/v1/queues/emails/jobs";
    private const string NdJson = "application/x-ndjson";

    [Theory]
    [InlineData("/healthz", HttpStatusCode.OK)]
    [InlineData("/v1/queues", HttpStatusCode.Unauthorized)]
    [InlineData("/nowhere", HttpStatusCode.Unauthorized)]
    public async Task Every_answer_has_the_security_headers_and_names_no_server(string path, HttpStatusCode status)
    {
        var (api, _) = await KestrelApi.StartAsync();
        await using var running = api;
        using var client = new HttpClient { BaseAddress = api.Address };
        var response = await client.GetAsync(path);
        response.StatusCode.Should().Be(status);
        response.Headers.Contains("Server").Should().BeFalse();
        response.Headers.GetValues("X-Content-Type-Options").Should().Equal("nosniff");
        response.Headers.GetValues("X-Frame-Options").Should().Equal("DENY");
        response.Headers.GetValues("Content-Security-Policy").Single().Should().Contain("default-src 'none'");
        response.Headers.GetValues("Referrer-Policy").Should().Equal("no-referrer");
        response.Headers.CacheControl!.NoStore.Should().BeTrue();
    }

    [Theory]
    [InlineData(JobLimits.MaxPayloadBytes, HttpStatusCode.Accepted)]
    [InlineData(JobLimits.MaxPayloadBytes + 1, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData(4 * JobLimits.MaxPayloadBytes, HttpStatusCode.RequestEntityTooLarge)]
    public async Task The_limit_of_a_payload_holds_for_a_body_of_unknown_length(int bytes, HttpStatusCode status)
    {
        var (api, _) = await KestrelApi.StartAsync();
        await using var running = api;
        using var content = new StreamingContent("application/json", async stream =>
        {
            await stream.WriteAsync("{\"type\":\"t\",\"payload\":\""u8.ToArray());
            await stream.WriteAsync(Encoding.ASCII.GetBytes(new string('x', bytes - 2)));
            await stream.WriteAsync("\"}"u8.ToArray());
        });
        var response = await api.Client().PostAsync(Jobs, content);
        response.StatusCode.Should().Be(status);
        if (status != HttpStatusCode.Accepted)
            await response.ShouldBeProblemAsync("too-large");
    }

    [Fact]
    public async Task A_bulk_request_takes_the_largest_payloads()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        var job = Encoding.ASCII.GetBytes($$"""{"type":"t","payload":"{{new string('x', JobLimits.MaxPayloadBytes - 2)}}"}""" + "\n");
        using var content = new StreamingContent(NdJson, async stream =>
        {
            for (var i = 0; i < 20; i++)
                await stream.WriteAsync(job);
        });
        var answer = await (await api.Client().PostAsync($"{Jobs}/bulk", content)).ShouldBeAsync(HttpStatusCode.OK);
        answer.GetProperty("accepted").GetInt32().Should().Be(20);
        queue.LargestBatch.Should().Be(1, "a batch has 1 MiB, or one job");
    }

    [Fact]
    public async Task A_slow_broker_slows_the_sender_of_a_bulk_request()
    {
        const int Total = 64 * 1024 * 1024;
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        queue.Hold = new TaskCompletionSource();
        var line = Encoding.ASCII.GetBytes($$"""{"type":"t","payload":"{{new string('x', 64 * 1024)}}","tracked":false}""" + "\n");
        var sent = 0;
        using var content = new StreamingContent(NdJson, async stream =>
        {
            while (sent < Total)
            {
                await stream.WriteAsync(line);
                sent += line.Length;
            }
        });
        var response = api.Client().PostAsync($"{Jobs}/bulk", content);

        // The sender stands still once the sockets' buffers are full: the same count over several looks.
        var (last, unchanged) = (-1, 0);
        await Eventually.IsTrue(
            () =>
            {
                unchanged = sent == last && queue.Enqueues > 0 ? unchanged + 1 : 0;
                last = sent;
                return unchanged >= 15;
            });
        last.Should().BeLessThan(Total / 2, "the API holds a batch and what the sockets hold");
        queue.Hold.SetResult();
        var answer = await (await response).ShouldBeAsync(HttpStatusCode.OK);
        answer.GetProperty("rejected").GetInt32().Should().Be(0);
    }

    [Fact]
    public async Task A_hundred_thousand_jobs_are_answered_to_a_client_that_reads_only_after_it_has_sent_all()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        var line = """{"type":"t","tracked":false}"""u8.ToArray().Append((byte)'\n').ToArray();
        using var content = new StreamingContent(NdJson, async stream =>
        {
            for (var i = 0; i < ApiLimits.MaxBulkJobs; i++)
                await stream.WriteAsync(line);
        });
        using var client = api.Client();
        client.Timeout = Timeout.InfiniteTimeSpan;
        var answer = await (await client.PostAsync($"{Jobs}/bulk", content)).ShouldBeAsync(HttpStatusCode.OK);
        answer.GetProperty("accepted").GetInt32().Should().Be(ApiLimits.MaxBulkJobs);
        var indexes = answer.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("index").GetInt32()).ToArray();
        indexes.Should().HaveCount(ApiLimits.MaxBulkJobs).And.BeInAscendingOrder();
        (await queue.GetStatisticsAsync("emails", CancellationToken.None)).Backlog.Waiting.Should().Be(ApiLimits.MaxBulkJobs);
    }

    [Fact]
    public async Task A_bulk_request_in_which_the_broker_fails_is_answered_with_what_was_accepted()
    {
        // The body may stand still for as long as the test takes to see the first job.
        var (api, queue) = await KestrelApi.StartAsync(
            inner: null, services => services.Configure<KestrelServerOptions>(options => options.Limits.MinRequestBodyDataRate = null));
        await using var running = api;
        queue.EnqueueFault = call => call >= 2 ? new JobQueueUnavailableException("down") : null;
        var goOn = new TaskCompletionSource();
        using var content = new StreamingContent(NdJson, async stream =>
        {
            await stream.WriteAsync("{\"type\":\"t\"}\n"u8.ToArray());
            await stream.FlushAsync();
            await goOn.Task;

            // Too few for a batch: they are sent when what was read is used up.
            await stream.WriteAsync("{\"type\":\"t\"}\n{\"type\":\"t\"}\n{\"type\":"u8.ToArray());
            await stream.FlushAsync();
        });
        var answer = api.Client().PostAsync($"{Jobs}/bulk", content);
        await Eventually.IsTrue(() => queue.Enqueues == 1);
        goOn.SetResult();

        using var response = await answer;

        response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(1));
        var problem = await response.ShouldBeProblemAsync("broker-unavailable");
        problem.GetProperty("accepted").GetInt32().Should().Be(1);
        problem.GetProperty("rejected").GetInt32().Should().BePositive();
        using var client = api.Client();
        (await client.GetAsync("/healthz")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_body_that_does_not_arrive_is_given_up()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        var answer = await RawAsync(api, $"POST {Jobs} HTTP/1.1\r\nHost: x\r\nX-Api-Key: {api.Secret}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{");
        answer.Should().StartWith("HTTP/1.1 408").And.Contain("urn:k8squeue:problem:request-timeout");
        queue.Enqueues.Should().Be(0);
    }

    [Theory]
    [InlineData("GET /v1/queues/%00 HTTP/1.1\r\nHost: x\r\n", "HTTP/1.1 400")]
    [InlineData("GET /v1/queues/%zz HTTP/1.1\r\nHost: x\r\n", "HTTP/1.1 400")]
    [InlineData("GET /v1/queues/%C3%28 HTTP/1.1\r\nHost: x\r\n", "HTTP/1.1 400")]
    [InlineData("NOISE\r\n", "HTTP/1.1 400")]
    [InlineData("POST /v1/queues/q/jobs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: -1\r\n", "HTTP/1.1 400")]
    [InlineData("POST /v1/queues/q/jobs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1048577000\r\n", "HTTP/1.1 413")]
    public async Task Raw_nonsense_is_the_client_s_fault(string head, string status)
    {
        var (api, _) = await KestrelApi.StartAsync();
        await using var running = api;
        (await RawAsync(api, $"{head}X-Api-Key: {api.Secret}\r\nConnection: close\r\n\r\n")).Should().StartWith(status);
    }

    [Fact]
    public async Task Headers_have_a_limit()
    {
        var (api, _) = await KestrelApi.StartAsync();
        await using var running = api;
        var answer = await RawAsync(api, $"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Large: {new string('x', 20_000)}\r\n\r\n");
        answer.Should().StartWith("HTTP/1.1 431");
    }

    private static async Task<string> RawAsync(KestrelApi api, string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(api.Address.Host, api.Address.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer, limit.Token)) > 0)
                answer.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
            // The server closed the connection with data unread; what it had said is what counts.
        }

        return answer.ToString();
    }
}
