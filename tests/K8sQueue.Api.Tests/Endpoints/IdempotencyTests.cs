using System.Net;
using System.Text;
using K8sQueue.Core.InMemory;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Endpoints;

public sealed class IdempotencyTests
{
    private const string Jobs = "/v1/queues/emails/jobs";
    private const string Body = """{"type":"email.send","payload":{"to":"ada"}}""";
    private static readonly (string, string?) Routes = (JobRoutes.Variable, """{"*":"emails"}""");

    [Theory]
    [InlineData(Body)]
    [InlineData("""{"type":"email.send","tracked":false}""")]
    public async Task The_same_request_is_answered_as_the_first_one_was(string body)
    {
        await using var api = new TestApi();
        using var first = await PostAsync(api, Jobs, body, "k");
        using var second = await PostAsync(api, Jobs, body, "k");

        second.StatusCode.Should().Be(HttpStatusCode.Accepted);
        second.Headers.Location.Should().Be(first.Headers.Location);
        (await second.Content.ReadAsStringAsync()).Should().Be(await first.Content.ReadAsStringAsync()).And.NotContain("duplicate");
        first.Headers.Contains("Idempotency-Replayed").Should().BeFalse();
        second.Headers.GetValues("Idempotency-Replayed").Should().Equal("true");
        (await WaitingAsync(api)).Should().Be(1);
    }

    [Fact]
    public async Task It_is_so_whatever_became_of_the_job_for_a_day_and_not_after_that()
    {
        var time = new ManualTimeProvider();
        await using var api = new TestApi(new InMemoryJobQueue(time: time));
        var first = await IdAsync(await PostAsync(api, Jobs, Body, "k"));
        await using var consumer = await api.Queue.OpenConsumerAsync(new JobConsumerOptions { Queues = ["emails"], Name = "w" }, CancellationToken.None);
        var leases = await consumer.FetchAsync(1, CancellationToken.None);
        await consumer.CompleteAsync([new JobCompletion(leases[0])], CancellationToken.None);

        time.Advance(TimeSpan.FromHours(23));
        (await IdAsync(await PostAsync(api, Jobs, Body, "k"))).Should().Be(first);
        time.Advance(TimeSpan.FromHours(2));
        (await IdAsync(await PostAsync(api, Jobs, Body, "k"))).Should().NotBe(first);
    }

    [Theory]
    [InlineData("""{"type":"email.send","payload":{"to":"bob"}}""")]
    [InlineData("""{"type":"email.send","payload":{"to":"ada"},"tracked":false}""")]
    [InlineData("""{"type":"email.send","payload":{"to":"ada"}} """)]
    public async Task Another_request_of_the_same_key_is_refused(string body)
    {
        await using var api = new TestApi();
        var first = await IdAsync(await PostAsync(api, Jobs, Body, "k"));
        using var response = await PostAsync(api, Jobs, body, "k");

        response.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        var problem = await response.ShouldBeProblemAsync("idempotency-key-reused");
        problem.GetProperty("field").GetString().Should().Be("Idempotency-Key");
        problem.GetProperty("detail").GetString().Should().Contain(first);
        (await WaitingAsync(api)).Should().Be(1);
    }

    [Fact]
    public async Task Keys_are_apart_by_api_key_and_by_queue()
    {
        await using var api = new TestApi(Routes);
        var other = api.AddKey("other", "verbs=enqueue");
        var ids = new[]
        {
            await IdAsync(await PostAsync(api, Jobs, Body, "k")),
            await IdAsync(await PostAsync(api, Jobs, Body, "K")),
            await IdAsync(await PostAsync(api, "/v1/queues/orders/jobs", Body, "k")),
            await IdAsync(await PostAsync(api, Jobs, Body, "k", other)),
        };
        ids.Should().OnlyHaveUniqueItems();
        (await IdAsync(await PostAsync(api, "/v1/jobs", Body, "k"))).Should().Be(ids[0], "the type's route leads to that queue");
    }

    [Fact]
    public async Task Of_many_at_once_one_adds_the_job()
    {
        await using var api = new TestApi();
        var ids = await Task.WhenAll(Enumerable.Range(0, 30).Select(async _ => await IdAsync(await PostAsync(api, Jobs, Body, "k"))));
        ids.Distinct().Should().ContainSingle();
        (await WaitingAsync(api)).Should().Be(1);
    }

    [Fact]
    public async Task What_was_refused_is_not_remembered()
    {
        await using var api = new TestApi();
        (await PostAsync(api, Jobs, """{"type":17}""", "k")).StatusCode.Should().Be(HttpStatusCode.BadRequest);
        api.Queue.Fault = () => new JobQueueUnavailableException("down");
        (await PostAsync(api, Jobs, Body, "k")).StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        api.Queue.Fault = null;
        using var response = await PostAsync(api, Jobs, Body, "k");
        response.StatusCode.Should().Be(HttpStatusCode.Accepted);
        response.Headers.Contains("Idempotency-Replayed").Should().BeFalse();
    }

    [Theory]
    [InlineData(Jobs, Body, "a b", "invalid-parameter", "Idempotency-Key")]
    [InlineData(Jobs, Body, "256", "invalid-parameter", "Idempotency-Key")]
    [InlineData(Jobs, """{"type":"t","deduplication":{"key":"x","untilDone":true}}""", "k", "invalid-job", "deduplication")]
    [InlineData(Jobs, """{"type":"t","deduplication":{"key":"idempotency-key:x","untilDone":true}}""", null, "invalid-job", "deduplication.key")]
    [InlineData("/v1/queues/emails/jobs/bulk", "[]", "k", "invalid-parameter", "Idempotency-Key")]
    [InlineData("/v1/batches", """{"jobs":[{"queue":"emails","type":"t"}]}""", "k", "invalid-parameter", "Idempotency-Key")]
    [InlineData("/v1/flows", """{"queue":"emails","type":"t"}""", "k", "invalid-parameter", "Idempotency-Key")]
    public async Task What_can_not_be_promised_is_refused(string path, string body, string? key, string type, string field)
    {
        await using var api = new TestApi();
        var problem = await (await PostAsync(api, path, body, key == "256" ? new string('k', 256) : key)).ShouldBeProblemAsync(type);
        problem.GetProperty("field").GetString().Should().Be(field);
        api.Queue.Enqueues.Should().Be(0);
    }

    [Fact]
    public async Task A_key_that_is_given_twice_is_refused_and_the_longest_one_taken()
    {
        await using var api = new TestApi();
        using var twice = Request(Jobs, Body, "a");
        twice.Headers.Add("Idempotency-Key", "b");
        await (await api.Client().SendAsync(twice)).ShouldBeProblemAsync("invalid-parameter");
        (await PostAsync(api, Jobs, Body, new string('~', 255))).StatusCode.Should().Be(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task The_record_shows_no_key_that_nobody_gave()
    {
        await using var api = new TestApi();
        using var accepted = await PostAsync(api, Jobs, Body, "k");
        var job = await (await api.Client().GetAsync(accepted.Headers.Location)).ShouldBeAsync(HttpStatusCode.OK);
        job.TryGetProperty("deduplicationKey", out _).Should().BeFalse();
    }

    private static async Task<HttpResponseMessage> PostAsync(TestApi api, string path, string body, string? key, string? secret = null)
    {
        using var request = Request(path, body, key);
        return await api.Client(secret ?? api.Secret).SendAsync(request);
    }

    private static HttpRequestMessage Request(string path, string body, string? key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (key is not null)
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return request;
    }

    private static async Task<string> IdAsync(HttpResponseMessage response) =>
        (await response.ShouldBeAsync(HttpStatusCode.Accepted)).GetProperty("id").GetString()!;

    private static async Task<long> WaitingAsync(TestApi api) => (await api.Queue.GetStatisticsAsync("emails", CancellationToken.None)).Backlog.Waiting;
}
