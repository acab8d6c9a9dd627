using System.Net;
using K8sQueue.Api.Tests.Authentication;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Health;

public sealed class HealthTests
{
    [Fact]
    public async Task Liveness_does_not_depend_on_the_broker()
    {
        await using var api = new TestApi();
        api.Queue.Fault = () => new JobQueueUnavailableException("down");
        (await api.CreateClient().GetAsync("/healthz")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Readiness_names_the_reason_and_comes_back_by_itself()
    {
        await using var api = new TestApi();
        var client = api.Client();
        (await client.GetAsync("/readyz")).StatusCode.Should().Be(HttpStatusCode.OK);

        api.Queue.Fault = () => new JobQueueUnavailableException("Redis at redis:6379 does not answer.");
        await Eventually.IsTrue(async () => (await client.GetAsync("/readyz")).StatusCode == HttpStatusCode.ServiceUnavailable);
        var problem = await (await client.GetAsync("/readyz")).ShouldBeProblemAsync("broker-unavailable");
        problem.GetProperty("detail").GetString().Should().Contain("redis:6379");

        api.Queue.Fault = () => new JobQueueConfigurationException("maxmemory-policy is allkeys-lru.");
        await Eventually.Passes(async () => await (await client.GetAsync("/readyz")).ShouldBeProblemAsync("broker-misconfigured"));

        api.Queue.Fault = null;
        await Eventually.IsTrue(async () => (await client.GetAsync("/readyz")).StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Readiness_that_is_asked_for_once_waits_for_the_broker_and_then_outlasts_it()
    {
        await using var api = new TestApi();
        var client = api.CreateClient();
        api.Queue.Fault = () => new JobQueueUnavailableException("down");
        await (await client.GetAsync("/readyz?once=true")).ShouldBeProblemAsync("broker-unavailable");

        api.Queue.Fault = null;
        await Eventually.IsTrue(async () => (await client.GetAsync("/readyz?once=true")).StatusCode == HttpStatusCode.OK);

        api.Queue.Fault = () => new JobQueueUnavailableException("down");
        await Eventually.IsTrue(async () => (await client.GetAsync("/readyz?once=false")).StatusCode == HttpStatusCode.ServiceUnavailable);
        (await client.GetAsync("/readyz?once=true")).StatusCode.Should().Be(HttpStatusCode.OK);
        (await client.GetAsync("/readyz?once=maybe")).StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Reasons_are_told_to_keys_that_may_read_every_queue_alone()
    {
        await using var api = new TestApi();
        var (one, other) = (api.AddKey("one", "verbs=read;queues=emails"), api.AddKey("producer", "verbs=enqueue"));
        api.Queue.Fault = () => new JobQueueUnavailableException("Redis at redis:6379 does not answer.");
        HttpClient[] strangers = [api.CreateClient(), api.Client(one), api.Client(other), api.Client("k8sq_wrong")];
        foreach (var stranger in strangers)
        {
            (await (await stranger.GetAsync("/readyz")).ShouldBeProblemAsync("broker-unavailable")).TryGetProperty("detail", out _).Should().BeFalse();
            (await (await stranger.GetAsync("/health")).ShouldBeAsync(HttpStatusCode.ServiceUnavailable)).GetRawText()
                .Should().Be("""{"status":"failing","dependencies":{"queue":{"status":"failing"}}}""");
        }

        (await (await api.Client().GetAsync("/readyz")).ShouldBeProblemAsync("broker-unavailable")).GetProperty("detail").GetString().Should().Contain("redis:6379");
        (await (await api.Client().GetAsync("/health")).ShouldBeAsync(HttpStatusCode.ServiceUnavailable))
            .GetProperty("dependencies").GetProperty("queue").GetProperty("reason").GetString().Should().Contain("redis:6379");
    }

    [Fact]
    public async Task Metrics_show_the_queues_counts()
    {
        await using var api = new TestApi();
        await api.PostAsync("/v1/queues/emails/jobs", """{"type":"t"}""");
        await Eventually.Passes(async () =>
        {
            var text = await api.CreateClient().GetStringAsync("/metrics");
            text.Should().Contain("k8squeue_broker_up 1")
                .And.MatchRegex("""k8squeue_jobs\{[^}]*queue="emails"[^}]*state="waiting"[^}]*\} 1""")
                .And.MatchRegex("""k8squeue_queue_jobs_total\{[^}]*step="enqueued"[^}]*\} 1""");
        });
    }

    [Fact]
    public async Task Metrics_of_a_broker_that_is_down_say_so_and_show_no_old_counts()
    {
        await using var api = new TestApi();
        api.Queue.Fault = () => new JobQueueUnavailableException("down");
        var text = await api.CreateClient().GetStringAsync("/metrics");
        text.Should().Contain("k8squeue_broker_up 0").And.NotContain("k8squeue_jobs{");
    }

    [Fact]
    public async Task The_OpenAPI_document_describes_every_address()
    {
        await using var api = new TestApi();
        var document = await (await api.Client().GetAsync("/openapi/v1.json")).ShouldBeAsync(HttpStatusCode.OK);
        document.GetProperty("openapi").GetString().Should().StartWith("3.1");
        var described = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(method => $"{method.Name.ToUpperInvariant()} {path.Name}")).ToArray();
        described.Should().BeEquivalentTo(MappedEndpoint.Of(api.Services).Where(e => !e.IsOpen && !e.Pattern.StartsWith("/openapi", StringComparison.Ordinal)).Select(e => e.Name));
        described.Should().Contain("POST /v1/queues/{queue}/jobs");
    }
}
