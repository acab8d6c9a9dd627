using System.Net;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Tests.Problems;

public sealed class BrokerFaultTests
{
    private static readonly JobId Tracked = JobId.Create("emails", tracked: true, TimeProvider.System);

    public static TheoryData<string, string> Endpoints => new()
    {
        { "POST", "/v1/queues/emails/jobs" },
        { "GET", $"/v1/jobs/{Tracked}" },
        { "GET", $"/v1/jobs/{Tracked}?wait=60s" },
        { "POST", $"/v1/jobs/{Tracked}/cancel" },
        { "POST", $"/v1/jobs/{Tracked}/retry" },
        { "DELETE", $"/v1/jobs/{Tracked}" },
        { "GET", "/v1/queues/emails/jobs?state=waiting" },
        { "GET", "/v1/audit" },
        { "GET", "/v1/queues/emails/events" },
        { "GET", "/v1/queues/emails/limits" },
        { "GET", "/v1/workers" },
        { "GET", "/v1/workers?queue=emails" },
        { "GET", "/v1/queues" },
        { "GET", "/v1/queues/emails" },
        { "POST", "/v1/queues/emails/pause" },
        { "POST", "/v1/queues/emails/resume" },
        { "GET", "/v1/queues/emails/dead-letters" },
        { "POST", $"/v1/queues/emails/dead-letters/{Tracked}/redrive" },
        { "POST", "/v1/queues/emails/dead-letters/redrive" },
        { "DELETE", $"/v1/queues/emails/dead-letters/{Tracked}" },
        { "DELETE", "/v1/queues/emails/dead-letters?type=t" },
        { "GET", "/v1/queues/emails/schedules" },
        { "GET", "/v1/queues/emails/schedules/s" },
        { "DELETE", "/v1/queues/emails/schedules/s" },
        { "POST", "/v1/queues/emails/schedules/s/trigger" },
        { "POST", "/v1/queues/emails/schedules/s/pause" },
        { "POST", "/v1/queues/emails/schedules/s/resume" },
        { "GET", $"/v1/batches/{Tracked}" },
    };

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task A_broker_that_is_down_is_503_with_Retry_After(string method, string path)
    {
        await using var api = new TestApi();
        api.Queue.Fault = () => new JobQueueUnavailableException("Redis at redis:6379 does not answer.");
        var response = await SendAsync(api, method, path);
        response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(1));
        var problem = await response.ShouldBeProblemAsync("broker-unavailable");
        problem.GetProperty("detail").GetString().Should().Be("Redis at redis:6379 does not answer.");
        response.Headers.GetValues("X-Content-Type-Options").Should().Equal(["nosniff"], "errors carry the headers too");
    }

    [Fact]
    public async Task A_full_broker_is_507_with_Retry_After()
    {
        await using var api = new TestApi();
        api.Queue.Fault = () => new JobQueueFullException("Redis is at its maxmemory.");
        var response = await SendAsync(api, "POST", "/v1/queues/emails/jobs");
        response.StatusCode.Should().Be(HttpStatusCode.InsufficientStorage);
        response.Headers.RetryAfter.Should().NotBeNull();
        await response.ShouldBeProblemAsync("broker-full");
    }

    [Fact]
    public async Task A_broker_that_could_lose_jobs_is_503_and_says_which_setting()
    {
        await using var api = new TestApi();
        api.Queue.Fault = () => new JobQueueConfigurationException("Set maxmemory-policy to noeviction.");
        var response = await SendAsync(api, "POST", "/v1/queues/emails/jobs");
        response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        var problem = await response.ShouldBeProblemAsync("broker-misconfigured");
        problem.GetProperty("detail").GetString().Should().Contain("noeviction");
    }

    [Fact]
    public async Task What_nobody_foresaw_is_500_and_tells_nothing()
    {
        await using var api = new TestApi();
        api.Queue.Fault = () => new InvalidOperationException("password=hunter2");
        var response = await SendAsync(api, "GET", "/v1/queues/emails");
        response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        await response.ShouldBeProblemAsync("internal-error");
        (await response.Content.ReadAsStringAsync()).Should().NotContain("hunter2");
    }

    [Fact]
    public async Task A_job_that_only_the_broker_refuses_is_400()
    {
        await using var api = new TestApi();
        api.Queue.Fault = () => new ArgumentException("Too odd.");
        var response = await SendAsync(api, "POST", "/v1/queues/emails/jobs");
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        await response.ShouldBeProblemAsync("invalid-job");
    }

    [Fact]
    public async Task A_client_that_goes_away_leaves_no_error_behind()
    {
        var logs = new LogCollector();
        await using var api = new TestApi();
        await using var logged = api.WithWebHostBuilder(builder => logs.AddTo(builder));
        api.Queue.Hold = new TaskCompletionSource();
        using var gone = new CancellationTokenSource();
        var client = logged.CreateClient();
        client.DefaultRequestHeaders.Add("X-Api-Key", api.Secret);
        var request = client.PostAsync("/v1/queues/emails/jobs", new StringContent("""{"type":"t"}""", null, "application/json"), gone.Token);
        await Testing.Eventually.IsTrue(() => api.Queue.Enqueues == 1);
        await gone.CancelAsync();
        await request.Invoking(async r => await r).Should().ThrowAsync<OperationCanceledException>();
        await Testing.Eventually.IsTrue(() => logs.Entries.Any(e => e.Contains("StatusCode: 499", StringComparison.Ordinal)));
        logs.Entries.Should().NotContain(e => e.StartsWith("Error", StringComparison.Ordinal) || e.StartsWith("Warning", StringComparison.Ordinal));
    }

    private static Task<HttpResponseMessage> SendAsync(TestApi api, string method, string path) => path.EndsWith("/jobs", StringComparison.Ordinal)
        ? api.PostAsync(path, """{"type":"t"}""")
        : api.Client().SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
}
