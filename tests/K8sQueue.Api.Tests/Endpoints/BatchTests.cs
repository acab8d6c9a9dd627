using System.Net;
using K8sQueue.Core.Batches;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Tests.Endpoints;

public sealed class BatchTests
{
    [Fact]
    public async Task A_batch_is_enqueued_followed_and_calls_back()
    {
        await using var api = new TestApi();
        var response = await api.PostAsync("/v1/batches", """
            {
              "jobs": [{"queue": "a", "type": "t", "payload": {"n": 1.0}}, {"queue": "b", "type": "u", "tracked": false, "priority": "high"}],
              "onComplete": {"queue": "c", "type": "complete"}, "onSuccess": {"queue": "c", "type": "success"}
            }
            """);
        var accepted = await response.ShouldBeAsync(HttpStatusCode.Accepted);
        var id = accepted.GetProperty("id").GetString()!;
        id.Should().StartWith("c.");
        response.Headers.Location!.OriginalString.Should().Be($"/v1/batches/{id}");
        var jobs = accepted.GetProperty("jobs").EnumerateArray().Select(j => j.GetString()).ToList();

        var open = await (await api.Client().GetAsync(response.Headers.Location)).ShouldBeAsync(HttpStatusCode.OK);
        (open.GetProperty("state").GetString(), open.GetProperty("total").GetInt32(), open.GetProperty("open").GetInt32()).Should().Be(("open", 2, 2));
        open.GetProperty("sealed").GetBoolean().Should().BeTrue();
        open.TryGetProperty("endedAt", out _).Should().BeFalse();
        open.GetProperty("jobs").EnumerateArray().Select(j => (j.GetProperty("id").GetString(), j.GetProperty("state").GetString()))
            .Should().Equal((jobs[0], "open"), (jobs[1], "open"));

        (await RunAsync(api, "a", result: "{\"x\": 1}")).Payload.Should().Be("""{"n": 1.0}""");
        await RunAsync(api, "b", result: null);
        var callbacks = new[] { await RunAsync(api, "c", null), await RunAsync(api, "c", null) };
        callbacks.Select(c => c.Id).Should().Equal(accepted.GetProperty("onComplete").GetString(), accepted.GetProperty("onSuccess").GetString());
        callbacks.Select(c => c.Traits!.CallbackOf!.Value.Value).Should().Equal(id, id);

        var done = await (await api.Client().GetAsync(response.Headers.Location)).JsonAsync();
        (done.GetProperty("state").GetString(), done.GetProperty("succeeded").GetInt32(), done.GetProperty("failed").GetInt32()).Should().Be(("succeeded", 2, 0));
        done.GetProperty("endedAt").GetDateTimeOffset().Should().BeAfter(DateTimeOffset.UnixEpoch);
        done.GetProperty("jobs")[0].GetProperty("result").GetRawText().Should().Be("{\"x\": 1}");
        var record = await (await api.Client().GetAsync($"/v1/jobs/{jobs[0]}")).JsonAsync();
        record.GetProperty("memberOf").GetString().Should().Be(id);
        (await (await api.Client().GetAsync($"/v1/jobs/{callbacks[0].Id}")).JsonAsync()).GetProperty("callbackOf").GetString().Should().Be(id);
    }

    [Fact]
    public async Task The_jobs_of_a_batch_are_told_in_pages()
    {
        await using var api = new TestApi();
        var jobs = string.Join(',', Enumerable.Range(0, 5).Select(_ => """{"queue":"a","type":"t"}"""));
        var accepted = await (await api.PostAsync("/v1/batches", $$"""{"jobs":[{{jobs}}]}""")).ShouldBeAsync(HttpStatusCode.Accepted);
        accepted.TryGetProperty("onComplete", out _).Should().BeFalse();
        var path = $"/v1/batches/{accepted.GetProperty("id").GetString()}";
        var first = await (await api.Client().GetAsync($"{path}?limit=3")).JsonAsync();
        first.GetProperty("jobs").GetArrayLength().Should().Be(3);
        first.GetProperty("nextOffset").GetInt32().Should().Be(3);
        var second = await (await api.Client().GetAsync($"{path}?limit=3&offset=3")).JsonAsync();
        second.GetProperty("jobs").GetArrayLength().Should().Be(2);
        second.TryGetProperty("nextOffset", out _).Should().BeFalse();

        await (await api.Client().GetAsync($"{path}?limit=101")).ShouldBeProblemAsync("invalid-parameter");
        await (await api.Client().GetAsync($"/v1/batches/{BatchId.Create("a", TimeProvider.System)}")).ShouldBeProblemAsync("batch-not-found");
        await (await api.Client().GetAsync("/v1/batches/7")).ShouldBeProblemAsync("invalid-batch-id");
    }

    [Fact]
    public async Task A_flow_is_enqueued_and_answered_in_its_shape()
    {
        await using var api = new TestApi();
        var response = await api.PostAsync("/v1/flows", """
            {
              "queue": "a", "type": "root", "runAfter": "ended",
              "children": [{"queue": "b", "type": "mid", "tracked": false, "children": [{"queue": "a", "type": "leaf"}]}, {"queue": "a", "type": "leaf2", "children": null}]
            }
            """);
        var flow = await response.ShouldBeAsync(HttpStatusCode.Accepted);
        response.Headers.Location!.OriginalString.Should().Be($"/v1/batches/{flow.GetProperty("batch").GetString()}");
        var middle = flow.GetProperty("children")[0];
        (middle.GetProperty("queue").GetString(), middle.GetProperty("tracked").GetBoolean()).Should().Be(("b", false));
        middle.GetProperty("batch").GetString().Should().StartWith("b.");
        flow.GetProperty("children")[1].TryGetProperty("batch", out _).Should().BeFalse();

        (await RunAsync(api, "a", null)).Type.Should().Be("leaf");
        (await RunAsync(api, "a", null)).Type.Should().Be("leaf2");
        (await RunAsync(api, "b", null)).Type.Should().Be("mid");
        var root = await RunAsync(api, "a", null);
        (root.Type, root.Id).Should().Be(("root", flow.GetProperty("id").GetString()!));
    }

    [Fact]
    public async Task Queues_may_be_left_to_the_routes_of_types()
    {
        await using var api = new TestApi((JobRoutes.Variable, """{"image.resize":"images"}"""));
        var accepted = await (await api.PostAsync("/v1/batches", """{"jobs":[{"type":"image.resize"},{"type":"x","queue":"b"}]}""")).ShouldBeAsync(HttpStatusCode.Accepted);
        accepted.GetProperty("jobs").EnumerateArray().Select(j => j.GetString()![..2]).Should().Equal("im", "b.");
        (await (await api.PostAsync("/v1/batches", """{"jobs":[{"type":"image.resize"},{"type":"x"}]}""")).ShouldBeProblemAsync("invalid-batch"))
            .GetProperty("field").GetString().Should().Be("jobs[1].queue");
    }

    [Theory]
    [InlineData("""{}""", "jobs")]
    [InlineData("""{"jobs":[]}""", "jobs")]
    [InlineData("""{"jobs":null}""", "jobs")]
    [InlineData("""{"jobs":{}}""", "jobs")]
    [InlineData("""{"jobs":[5]}""", "jobs[0]")]
    [InlineData("""{"jobs":[{"queue":"a","type":"t"},{"queue":"a"}]}""", "jobs[1].type")]
    [InlineData("""{"jobs":[{"queue":"A","type":"t"}]}""", "jobs[0].queue")]
    [InlineData("""{"jobs":[{"type":"t"}]}""", "jobs[0].queue")]
    [InlineData("""{"jobs":[{"queue":"a","type":"t","backoff":{"jitter":2}}]}""", "jobs[0].backoff.jitter")]
    [InlineData("""{"jobs":[{"queue":"a","type":"t","children":[]}]}""", "jobs[0].children")]
    [InlineData("""{"jobs":[{"queue":"a","type":"t","deduplication":{"key":"k","untilDone":true}}]}""", "jobs[0].deduplication")]
    [InlineData("""{"jobs":[{"queue":"a","type":"t"}],"onComplete":[]}""", "onComplete")]
    [InlineData("""{"jobs":[{"queue":"a","type":"t"}],"onComplete":{"queue":"a"}}""", "onComplete.type")]
    [InlineData("""{"jobs":[{"queue":"a","type":"t"}],"onComplete":{"queue":"a","type":"c"},"onSuccess":{"queue":"b","type":"s"}}""", "onSuccess.queue")]
    [InlineData("""{"jobs":[{"queue":"a","type":"t"}],"then":{}}""", "then")]
    [InlineData("""[]""", null)]
    public async Task An_invalid_batch_is_refused_by_the_path_of_its_field(string body, string? field) =>
        await ShouldBeRefusedAsync("/v1/batches", body, field);

    [Theory]
    [InlineData("""{}""", "type")]
    [InlineData("""{"type":"t"}""", "queue")]
    [InlineData("""{"queue":"a","type":"t","runAfter":"success"}""", "runAfter")]
    [InlineData("""{"queue":"a","type":"t","children":{}}""", "children")]
    [InlineData("""{"queue":"a","type":"t","children":[{"queue":"a","type":"t","children":[{"queue":"a","type":"t"},{"queue":"a"}]}]}""", "children[0].children[1].type")]
    [InlineData("""{"queue":"a","type":"t","children":[{"queue":"a","type":"t","onSuccess":{}}]}""", "children[0].onSuccess")]
    [InlineData("""{"queue":"a","type":"t","children":[null]}""", "children[0]")]
    [InlineData("""7""", null)]
    public async Task An_invalid_flow_is_refused_by_the_path_of_its_field(string body, string? field) =>
        await ShouldBeRefusedAsync("/v1/flows", body, field);

    [Fact]
    public async Task What_is_too_deep_too_large_or_no_JSON_is_refused()
    {
        await using var api = new TestApi();
        (await api.PostAsync("/v1/flows", Nested(32))).StatusCode.Should().Be(HttpStatusCode.Accepted);
        var deep = await (await api.PostAsync("/v1/flows", Nested(33))).ShouldBeProblemAsync("invalid-batch");
        deep.GetProperty("field").GetString().Should().EndWith("children[0].children").And.HaveLength("children[0].".Length * 31 + "children".Length);
        await (await api.PostAsync("/v1/flows", Nested(500))).ShouldBeProblemAsync("invalid-batch");
        await (await api.PostAsync("/v1/batches", """{"jobs":[{"queue":"a","type":}]}""")).ShouldBeProblemAsync("malformed-json");
        await (await api.PostAsync("/v1/batches", "{}", "text/plain")).ShouldBeProblemAsync("unsupported-media-type");
        (await api.PostAsync("/v1/batches", new string(' ', 5_000_000))).StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        var large = $$$"""{"jobs":[{"queue":"a","type":"t","payload":"{{{new string('x', 1024 * 1024)}}}"}]}""";
        (await (await api.PostAsync("/v1/batches", large)).ShouldBeProblemAsync("too-large")).GetProperty("field").GetString().Should().Be("jobs[0].payload");
        var many = string.Join(',', Enumerable.Repeat("""{"queue":"a","type":"t"}""", 3000));
        (await (await api.PostAsync("/v1/batches", $$"""{"jobs":[{{many}}]}""")).ShouldBeAsync(HttpStatusCode.Accepted)).GetProperty("jobs").GetArrayLength().Should().Be(3000);
        api.Queue.Fault = () => new JobQueueFullException("Redis is full.");
        await (await api.PostAsync("/v1/flows", Nested(2))).ShouldBeProblemAsync("broker-full");
    }

    private static string Nested(int levels) => levels == 1
        ? """{"queue":"a","type":"t","payload":[[1]]}"""
        : $$"""{"queue":"a","type":"t","children":[{{Nested(levels - 1)}}]}""";

    private static async Task ShouldBeRefusedAsync(string path, string body, string? field)
    {
        await using var api = new TestApi();
        var response = await api.PostAsync(path, body);
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var problem = await response.ShouldBeProblemAsync("invalid-batch");
        (problem.TryGetProperty("field", out var named) ? named.GetString() : null).Should().Be(field);
        problem.GetProperty("detail").GetString().Should().NotBeNullOrEmpty();
    }

    private static async Task<(string Id, string Type, string Payload, JobTraits? Traits)> RunAsync(TestApi api, string queue, string? result)
    {
        await using var consumer = await api.Queue.OpenConsumerAsync(
            new JobConsumerOptions { Queues = [queue], Name = $"w-{Guid.NewGuid():n}" }, CancellationToken.None);
        var lease = (await consumer.FetchAsync(1, CancellationToken.None)).Should().ContainSingle($"there is a job in {queue}").Subject;
        await consumer.CompleteAsync([new JobCompletion(lease, result is null ? null : System.Text.Encoding.UTF8.GetBytes(result))], CancellationToken.None);
        return (lease.Job.Id.Value, lease.Job.Type, System.Text.Encoding.UTF8.GetString(lease.Job.Payload.Span), lease.Job.Traits);
    }
}
