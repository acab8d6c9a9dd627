using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using K8sQueue.Core.Jobs;
using K8sQueue.Worker.Hosting;
using K8sQueue.Worker.Tests.Support;

namespace K8sQueue.Worker.Tests.Management;

public sealed class ManagementEndpointsTests
{
    [Fact]
    public async Task Inflight_says_how_busy_the_worker_is()
    {
        var finish = new TaskCompletionSource();
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => finish.Task), o => o.Concurrency = 7);
        await worker.EnqueueAsync(2, "t");

        await Eventually.IsTrue(async () => (await GetAsync(worker, "inflight")).GetProperty("inFlight").GetInt32() == 2);

        var document = await GetAsync(worker, "inflight");
        document.EnumerateObject().Select(property => property.Name).Should().Equal(
            "inFlight", "waiting", "concurrency", "blockedBy", "quiesced", "quiescedUntil", "startedAt", "draining");
        document.GetProperty("concurrency").GetInt32().Should().Be(7);
        document.GetProperty("quiesced").GetBoolean().Should().BeFalse();
        document.GetProperty("quiescedUntil").ValueKind.Should().Be(JsonValueKind.Null);
        document.GetProperty("startedAt").GetDateTimeOffset().Should().BeBefore(TimeProvider.System.GetUtcNow());
        finish.SetResult();
    }

    [Fact]
    public async Task An_address_that_is_not_the_hosts_is_named()
    {
        await FluentActions.Awaiting(() => TestWorker.StartAsync(
                w => w.AddHandler("t", (_, _) => Task.CompletedTask), o => o.ManagementAddress = IPAddress.Parse("192.0.2.1")))
            .Should().ThrowAsync<WorkerConfigurationException>().WithMessage("*192.0.2.1*");
    }

    [Fact]
    public async Task The_default_address_is_any()
    {
        await using var worker = await TestWorker.StartAsync(
            w => w.AddHandler("t", (_, _) => Task.CompletedTask), o => o.ManagementAddress = new WorkerOptions().ManagementAddress);

        await GetAsync(worker, "inflight");
    }

    [Fact]
    public async Task A_quiesced_worker_takes_no_job_until_it_is_resumed()
    {
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => Task.CompletedTask));

        var quiesced = await PostAsync(worker, "quiesce?ttlSeconds=60");
        quiesced.GetProperty("quiesced").GetBoolean().Should().BeTrue();
        quiesced.GetProperty("quiescedUntil").GetDateTimeOffset().Should().BeAfter(TimeProvider.System.GetUtcNow());
        var id = await worker.EnqueueAsync("t");
        (await worker.Broker.Inner.MaintainAsync(TestWorker.Queue, CancellationToken.None)).Promoted.Should().Be(0);
        (await worker.JobAsync(id)).State.Should().Be(JobState.Waiting);

        (await PostAsync(worker, "resume")).GetProperty("quiesced").GetBoolean().Should().BeFalse();

        (await worker.EndOfAsync(id)).State.Should().Be(JobState.Completed);
    }

    [Fact]
    public async Task Quiescing_ends_by_itself_when_nobody_renews_it()
    {
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => Task.CompletedTask));
        await PostAsync(worker, "quiesce?ttlSeconds=1");

        var id = await worker.EnqueueAsync("t");

        (await worker.EndOfAsync(id)).State.Should().Be(JobState.Completed);
    }

    [Fact]
    public async Task What_was_quiesced_before_the_broker_was_reached_stays_so()
    {
        var queue = new FaultyJobQueue(new Core.InMemory.InMemoryJobQueue()) { IsDown = true };
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => Task.CompletedTask), queue: queue);
        await PostAsync(worker, "quiesce?ttlSeconds=60");
        queue.IsDown = false;
        await Eventually.IsTrue(() => queue.Consumer is not null);

        var id = await worker.EnqueueAsync("t");
        await PostAsync(worker, "quiesce?ttlSeconds=60");
        (await worker.JobAsync(id)).State.Should().Be(JobState.Waiting);

        await PostAsync(worker, "resume");
        await worker.EndOfAsync(id);
    }

    [Fact]
    public async Task A_draining_worker_is_not_ready_and_can_not_be_resumed()
    {
        var finish = new TaskCompletionSource();
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => finish.Task));
        await worker.EnqueueAsync("t");
        await worker.StartedAsync(1);
        var stopping = worker.StopAsync();

        await Eventually.IsTrue(async () => (await GetAsync(worker, "inflight")).GetProperty("draining").GetBoolean());
        using (var ready = await worker.Management.GetAsync(new Uri("readyz", UriKind.Relative)))
            ready.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        using (var resumed = await worker.Management.PostAsync(new Uri("resume", UriKind.Relative), null))
            resumed.StatusCode.Should().Be(HttpStatusCode.Conflict);

        finish.SetResult();
        await stopping;
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer")]
    [InlineData("Bearer a-management-toke")]
    [InlineData("Bearer a-management-token2")]
    [InlineData("Basic a-management-token")]
    public async Task A_wrong_token_is_turned_away(string? authorization)
    {
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => Task.CompletedTask));
        worker.Management.DefaultRequestHeaders.Authorization =
            authorization is null ? null : AuthenticationHeaderValue.Parse(authorization);

        using var inflight = await worker.Management.GetAsync(new Uri("inflight", UriKind.Relative));
        using var quiesce = await worker.Management.PostAsync(new Uri("quiesce", UriKind.Relative), null);
        using var resume = await worker.Management.PostAsync(new Uri("resume", UriKind.Relative), null);

        foreach (var response in (HttpResponseMessage[])[inflight, quiesce, resume])
        {
            response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
            response.Headers.WwwAuthenticate.ToString().Should().Be("Bearer");
            response.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        }

        (await worker.Management.GetStringAsync("metrics")).Should().NotBeEmpty("metrics and probes need no token");
    }

    [Fact]
    public async Task Without_a_configured_token_nobody_may_enter()
    {
        await using var worker = await TestWorker.StartAsync(
            w => w.AddHandler("t", (_, _) => Task.CompletedTask), o => o.ManagementToken = null);

        using var response = await worker.Management.GetAsync(new Uri("inflight", UriKind.Relative));

        response.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await response.Content.ReadAsStringAsync()).Should().Contain("K8SQUEUE_MANAGEMENT_TOKEN is not set");
    }

    [Fact]
    public async Task A_worker_that_is_held_for_its_deletion_is_not_resumed_by_who_saw_an_older_pod()
    {
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => Task.CompletedTask));
        await PostAsync(worker, "quiesce?ttlSeconds=60&heldAt=100");
        await PostAsync(worker, "quiesce?ttlSeconds=60&heldAt=99");
        await PostAsync(worker, "quiesce?ttlSeconds=60");

        (await PostAsync(worker, "resume?seenAt=99")).GetProperty("quiesced").GetBoolean().Should().BeTrue();
        (await PostAsync(worker, "resume?seenAt=100")).GetProperty("quiesced").GetBoolean().Should().BeFalse("a deletion of version 100 fails where it was changed");

        await PostAsync(worker, "quiesce?ttlSeconds=60&heldAt=100");
        (await PostAsync(worker, "resume")).GetProperty("quiesced").GetBoolean().Should().BeFalse("a person may do as they like");
        await PostAsync(worker, "quiesce?ttlSeconds=60");
        (await PostAsync(worker, "resume?seenAt=1")).GetProperty("quiesced").GetBoolean().Should().BeFalse("what held it is over");
    }

    [Theory]
    [InlineData("quiesce?heldAt=x")]
    [InlineData("resume?seenAt=-1")]
    public async Task A_version_that_is_no_number_is_refused(string path)
    {
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => Task.CompletedTask));

        using var response = await worker.Management.PostAsync(new Uri(path, UriKind.Relative), null);

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await GetAsync(worker, "inflight")).GetProperty("quiesced").GetBoolean().Should().BeFalse();
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("3601")]
    [InlineData("soon")]
    public async Task A_ttl_out_of_range_is_refused(string ttl)
    {
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => Task.CompletedTask));

        using var response = await worker.Management.PostAsync(new Uri($"quiesce?ttlSeconds={ttl}", UriKind.Relative), null);

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await GetAsync(worker, "inflight")).GetProperty("quiesced").GetBoolean().Should().BeFalse();
    }

    [Fact]
    public async Task Metrics_show_what_the_worker_did()
    {
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => Task.CompletedTask));
        await worker.EndOfAsync(await worker.EnqueueAsync("t"));

        await Eventually.Passes(async () =>
        {
            using var response = await worker.Management.GetAsync(new Uri("metrics", UriKind.Relative));
            response.Content.Headers.ContentType!.ToString().Should().StartWith("text/plain; version=0.0.4");
            (await response.Content.ReadAsStringAsync()).Should()
                .Contain("k8squeue_jobs_started_total{queue=\"q\"} 1")
                .And.Contain("k8squeue_jobs_total{outcome=\"completed\",queue=\"q\"} 1")
                .And.Contain("k8squeue_job_wait_seconds_count{queue=\"q\"} 1")
                .And.Contain("messaging_process_duration_seconds_count{handler=\"t\",outcome=\"completed\",queue=\"q\"} 1")
                .And.Contain("k8squeue_workers_busy 0")
                .And.Contain("k8squeue_worker_concurrency 10")
                .And.Contain("k8squeue_worker_ready 1")
                .And.Contain("process_resident_memory_bytes");
        });
    }

    private static async Task<JsonElement> GetAsync(TestWorker worker, string path) =>
        JsonDocument.Parse(await worker.Management.GetStringAsync(path)).RootElement;

    private static async Task<JsonElement> PostAsync(TestWorker worker, string path)
    {
        using var response = await worker.Management.PostAsync(new Uri(path, UriKind.Relative), null);
        response.EnsureSuccessStatusCode();
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
    }
}
