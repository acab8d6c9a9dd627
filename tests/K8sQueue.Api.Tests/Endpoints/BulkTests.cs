using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Tests.Endpoints;

public sealed class BulkTests
{
    private const string Path = "/v1/queues/emails/jobs/bulk";
    private const string NdJson = "application/x-ndjson";

    [Theory]
    [InlineData("application/json", "[ {\"type\":\"a\"} ,\n{\"type\":\"b]},\",\"payload\":[\"\\\"]\"]},{\"type\":\"c\"}]\n")]
    [InlineData(NdJson, "{\"type\":\"a\"}\r\n\n  {\"type\":\"b]},\",\"payload\":[\"\\\"]\"]} \n{\"type\":\"c\"}")]
    public async Task Each_job_has_a_result_in_order(string contentType, string body)
    {
        await using var api = new TestApi();
        var answer = await (await api.PostAsync(Path, body, contentType)).ShouldBeAsync(HttpStatusCode.OK);
        answer.GetProperty("accepted").GetInt32().Should().Be(3);
        answer.GetProperty("rejected").GetInt32().Should().Be(0);
        var results = answer.GetProperty("results").EnumerateArray().ToArray();
        results.Select(r => r.GetProperty("index").GetInt32()).Should().Equal(0, 1, 2);
        results.Should().OnlyContain(r => r.GetProperty("status").GetInt32() == 202);
        var jobs = (await api.Queue.FetchAsync("emails")).Select(l => l.Job).ToArray();
        jobs.Select(j => j.Type).Should().Equal("a", "b]},", "c");
        jobs.Select(j => j.Id.Value).Should().Equal(results.Select(r => r.GetProperty("id").GetString()));
        jobs.Should().OnlyContain(j => j.Id.IsTracked);
    }

    [Theory]
    [InlineData("application/json", "[{0},{1},{2},{3}]")]
    [InlineData(NdJson, "{0}\n{1}\n{2}\n{3}\n")]
    public async Task A_bad_job_is_refused_alone(string contentType, string format)
    {
        await using var api = new TestApi();
        var body = format.Replace("{0}", """{"type":"good"}""", StringComparison.Ordinal)
            .Replace("{1}", """{"type":"bad","maxAttempts":0}""", StringComparison.Ordinal)
            .Replace("{2}", """{"type" "bad"}""", StringComparison.Ordinal)
            .Replace("{3}", """{"type":"good"}""", StringComparison.Ordinal);
        var answer = await (await api.PostAsync(Path, body, contentType)).ShouldBeAsync(HttpStatusCode.OK);
        answer.GetProperty("accepted").GetInt32().Should().Be(2);
        answer.GetProperty("rejected").GetInt32().Should().Be(2);
        var results = Ordered(answer);
        results.Select(r => r.GetProperty("status").GetInt32()).Should().Equal(202, 400, 400, 202);
        results[1].GetProperty("type").GetString().Should().Be("urn:k8squeue:problem:invalid-job");
        results[1].GetProperty("field").GetString().Should().Be("maxAttempts");
        results[2].GetProperty("type").GetString().Should().Be("urn:k8squeue:problem:malformed-json");
    }

    [Theory]
    [InlineData("application/json", "[]")]
    [InlineData("application/json", " [ ] ")]
    [InlineData(NdJson, "")]
    [InlineData(NdJson, "\n \r\n")]
    public async Task No_jobs_are_no_error(string contentType, string body)
    {
        await using var api = new TestApi();
        var answer = await (await api.PostAsync(Path, body, contentType)).ShouldBeAsync(HttpStatusCode.OK);
        answer.GetProperty("results").GetArrayLength().Should().Be(0);
        api.Queue.Enqueues.Should().Be(0);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("{\"type\":\"t\"}", 0)]
    [InlineData("[{\"type\":\"t\"}", 0)]
    [InlineData("[{\"type\":\"t\"},", 1)]
    [InlineData("[{\"type\":\"t\"},{\"type\":\"u\"", 1)]
    [InlineData("[{\"type\":\"t\"}] [", 1)]
    public async Task An_array_that_breaks_off_is_400_and_lists_what_was_accepted_before(string body, int accepted)
    {
        await using var api = new TestApi();
        var response = await api.PostAsync(Path, body);
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var problem = await response.ShouldBeProblemAsync("malformed-json");
        problem.GetProperty("accepted").GetInt32().Should().Be(accepted);
        problem.GetProperty("results").GetArrayLength().Should().Be(accepted);
        (await api.Queue.GetStatisticsAsync("emails", CancellationToken.None)).Backlog.Waiting.Should().Be(accepted);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData(NdJson)]
    public async Task A_job_that_is_too_large_is_refused_alone_and_not_held(string contentType)
    {
        await using var api = new TestApi();
        var large = $$"""{"type":"t","payload":"{{new string('x', 5 * new PayloadLimit(JobLimits.MaxPayloadBytes).JobBytes)}}"}""";
        const string Good = """{"type":"good"}""";
        var body = contentType == NdJson ? $"{Good}\n{large}\n{Good}" : $"[{Good},{large},{Good}]";
        var answer = await (await api.PostAsync(Path, body, contentType)).ShouldBeAsync(HttpStatusCode.OK);
        Ordered(answer).Select(r => r.GetProperty("status").GetInt32()).Should().Equal(202, 413, 202);
    }

    [Fact]
    public async Task When_the_broker_fails_midway_the_answer_says_what_was_accepted()
    {
        await using var api = new TestApi();
        api.Queue.EnqueueFault = call => call >= 2 ? new JobQueueUnavailableException("down") : null;
        var body = string.Concat(Enumerable.Repeat("{\"type\":\"t\"}\n", 3 * ApiLimits.BulkBatchJobs));
        var response = await api.PostAsync(Path, body, NdJson);
        response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter.Should().NotBeNull();
        var problem = await response.ShouldBeProblemAsync("broker-unavailable");
        var accepted = problem.GetProperty("accepted").GetInt32();
        var rejected = problem.GetProperty("rejected").GetInt32();
        accepted.Should().BePositive();
        rejected.Should().BePositive();
        Ordered(problem).Select(r => r.GetProperty("status").GetInt32())
            .Should().Equal(Enumerable.Repeat(202, accepted).Concat(Enumerable.Repeat(503, rejected)));
        (await api.Queue.FetchAsync("emails", 5000)).Should().HaveCount(accepted);
    }

    [Fact]
    public async Task More_jobs_than_one_request_may_hold_are_413_and_those_before_stay_accepted()
    {
        await using var api = new TestApi();
        using var client = api.Client();
        client.Timeout = Timeout.InfiniteTimeSpan;
        var body = string.Concat(Enumerable.Repeat("{\"type\":\"t\",\"tracked\":false}\n", ApiLimits.MaxBulkJobs + 10));
        using var content = new ByteArrayContent(Encoding.ASCII.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue(NdJson) } };
        var response = await client.PostAsync(Path, content);
        response.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        var problem = await response.ShouldBeProblemAsync("too-large");
        problem.GetProperty("accepted").GetInt32().Should().Be(ApiLimits.MaxBulkJobs);
        api.Queue.LargestBatch.Should().BeLessThanOrEqualTo(ApiLimits.BulkBatchJobs);
    }

    [Fact]
    public async Task Jobs_are_enqueued_while_the_request_still_arrives()
    {
        await using var api = new TestApi();
        var rest = new TaskCompletionSource();
        using var content = new StreamingContent(NdJson, async stream =>
        {
            await stream.WriteAsync("{\"type\":\"early\"}\n{\"type\":"u8.ToArray());
            await stream.FlushAsync();
            await rest.Task;
            await stream.WriteAsync("\"late\"}"u8.ToArray());
        });
        var response = api.Client().PostAsync(Path, content);
        await Testing.Eventually.IsTrue(async () =>
            (await api.Queue.GetStatisticsAsync("emails", CancellationToken.None)).Backlog.Waiting == 1);
        rest.SetResult();
        var answer = await (await response).ShouldBeAsync(HttpStatusCode.OK);
        answer.GetProperty("accepted").GetInt32().Should().Be(2);
    }

    [Fact]
    public async Task Other_content_types_are_not_supported()
    {
        await using var api = new TestApi();
        var response = await api.PostAsync(Path, "type,payload", "text/csv");
        response.StatusCode.Should().Be(HttpStatusCode.UnsupportedMediaType);
        await response.ShouldBeProblemAsync("unsupported-media-type");
    }

    [Fact]
    public async Task A_bad_queue_name_is_refused_with_the_rule()
    {
        await using var api = new TestApi();
        var response = await api.PostAsync("/v1/queues/UP/jobs/bulk", "[]");
        (await response.ShouldBeProblemAsync("invalid-queue-name")).GetProperty("detail").GetString().Should().Contain(QueueName.Rule);
    }

    private static JsonElement[] Ordered(JsonElement answer) =>
        [.. answer.GetProperty("results").EnumerateArray().OrderBy(r => r.GetProperty("index").GetInt32())];
}
