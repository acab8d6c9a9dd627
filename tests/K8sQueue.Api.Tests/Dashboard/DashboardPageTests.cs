using System.Net;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Dashboard;
using K8sQueue.Api.Hosting;
using K8sQueue.Core.Batches;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Api.Tests.Dashboard;

/// <summary>What the pages say, without JavaScript.</summary>
public sealed class DashboardPageTests
{
    private const string Evil = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>";

    [Fact]
    public async Task The_overview_lists_the_queues_with_their_counts_page_by_page()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        (await visitor.ReadAsync("/")).Should().Contain("No queue ever took a job here");
        for (var i = 0; i < 60; i++)
            await api.Queue.EnqueueAsync(DashboardJobs.Request(queue: $"queue-{i:00}"));
        await api.Queue.SetPausedAsync("queue-07", true, CancellationToken.None);

        var first = await visitor.ReadAsync("/");
        first.Should().Contain("href=\"/queues/queue-00\"").And.Contain(">Paused<").And.Contain("No worker").And.NotContain("queue-50");
        first.Should().Contain("/?after=queue-49");
        (await visitor.ReadAsync("/?after=queue-49")).Should().Contain("queue-50").And.Contain("queue-59").And.NotContain("queue-49<");
        (await visitor.ReadAsync("/?search=E-5")).Should().Contain("queue-55").And.NotContain("queue-00");
        (await visitor.ReadAsync("/?span=week")).Should().Contain("jobs an hour");
    }

    [Fact]
    public async Task A_queue_shows_its_tracked_jobs_of_late_and_its_events()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        var done = await api.Queue.EnqueueAsync(DashboardJobs.Request());
        await using (var consumer = await api.Queue.OpenAsync("q"))
            await consumer.CompleteAsync([new JobCompletion((await consumer.FetchAsync(1, CancellationToken.None)).Single(), "{\"token\":\"x1\"}"u8.ToArray())], CancellationToken.None);
        var waits = await api.Queue.EnqueueAsync(DashboardJobs.Request());

        var page = await visitor.ReadAsync("/queues/q");
        page.Should().Contain(done.Ulid).And.Contain(waits.Ulid).And.Contain(">Completed<").And.Contain(">Waiting<").And.Contain(">Started<");
        (await visitor.ReadAsync("/queues/q?state=Completed&type=MAIL")).Should().Contain($"<th scope=\"row\"><a href=\"/jobs/{done}\"")
            .And.NotContain($"<th scope=\"row\"><a href=\"/jobs/{waits}\"");

        var job = await visitor.ReadAsync($"/jobs/{done}");
        job.Should().Contain("Completed").And.Contain("pod-").And.Contain("Result").And.NotContain("x1").And.Contain("Timeline");
        System.Text.RegularExpressions.Regex.Matches(job, "<li><time", default, TimeSpan.FromSeconds(1)).Should().HaveCount(3, "it was added, started and completed");
    }

    [Fact]
    public async Task A_job_shows_what_it_runs_after_and_what_runs_after_it()
    {
        await using var api = new TestApi();
        var some = api.AddKey("some", "queues=q");
        var (visitor, elsewhere) = (await Visitor.LoggedInAsync(api), await Visitor.LoggedInAsync(api, some));
        var flow = await api.Queue.EnqueueFlowAsync(
            Node("album", Node("page", Leaf("left"), Leaf("secret", "other")), Leaf("cover")), CancellationToken.None);
        var (page, left) = (flow.Children[0], flow.Children[0].Children[0].Job);

        var first = Text(await visitor.ReadAsync($"/jobs/{left}"));
        first.Should().MatchRegex(
            $"{flow.Job} Pending when all below are completed Batch of 2 : 2 open, 0 failed {page.Job} Pending when all below are completed Batch of 2 : 2 open, 0 failed "
            + $"left {left.Ulid} \\(this job\\) Waiting secret [^ ]+ Waiting cover [^ ]+ Waiting");
        Text(await elsewhere.ReadAsync($"/jobs/{left}")).Should().NotContain("secret").And.Contain($"{page.Children[1].Job} Open");

        await using (var consumer = await api.Queue.OpenConsumerAsync(new JobConsumerOptions { Queues = ["q", "other"], Name = "w" }, CancellationToken.None))
        {
            var leases = await consumer.FetchAsync(10, CancellationToken.None);
            await consumer.CompleteAsync([.. leases.Where(lease => lease.Job.Type != "cover").Select(lease => new JobCompletion(lease))], CancellationToken.None);
        }

        Text(await visitor.ReadAsync($"/jobs/{page.Job}")).Should().MatchRegex(
            $"{flow.Job} Pending when all below are completed Batch of 2 : 2 open, 0 failed page {page.Job.Ulid} \\(this job\\) Waiting "
            + "Batch of 2 : 0 open, 0 failed left [^ ]+ Completed secret [^ ]+ Completed cover");
        (await visitor.ReadAsync($"/jobs/{await api.Queue.EnqueueAsync(DashboardJobs.Request())}")).Should().NotContain("id=\"flow\"");
    }

    [Fact]
    public async Task A_batch_of_many_jobs_is_shown_in_part_beside_what_it_calls()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        var batch = await api.Queue.EnqueueBatchAsync(
            new BatchRequest
            {
                Jobs = [.. Enumerable.Repeat(DashboardJobs.Request(), 50)],
                OnComplete = DashboardJobs.Request() with { Type = "tell" },
                OnSuccess = DashboardJobs.Request() with { Type = "publish" },
            },
            CancellationToken.None);
        var text = Text(await visitor.ReadAsync($"/jobs/{batch.Jobs[49]}"));
        text.Should().Contain($"{batch.OnComplete} Pending when all below have ended {batch.OnSuccess} Pending when all below are completed Batch of 50 : 50 open, 0 failed")
            .And.Contain($"{batch.Jobs[49].Ulid} (this job)").And.Contain("and 30 more").And.NotContain(batch.Jobs[19].Ulid);
    }

    [Fact]
    public async Task A_job_shows_its_payload_masked_while_it_is_kept_and_how_old_its_lease_is()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        var id = await api.Queue.EnqueueAsync(DashboardJobs.Request("""{"to":"ada@example.org","token":"t0p"}"""));
        (await visitor.ReadAsync($"/jobs/{id}")).Should().Contain("ada@example.org").And.NotContain("t0p").And.NotContain("<dt>Lease</dt>");
        await using var consumer = await api.Queue.OpenAsync("q");
        var lease = (await consumer.FetchAsync(1, CancellationToken.None)).Single();
        Text(await visitor.ReadAsync($"/jobs/{id}")).Should().Contain("ada@example.org").And.NotContain("t0p").And.MatchRegex("Lease held for [0-9.]+ m?s, renewed [^ ]+").And.NotContain("Lost");
        await consumer.CompleteAsync([new JobCompletion(lease)], CancellationToken.None);
        (await visitor.ReadAsync($"/jobs/{id}")).Should().Contain("Its payload is not kept any more.").And.NotContain("ada@example.org").And.NotContain("<dt>Lease</dt>");

        var large = await api.Queue.EnqueueAsync(DashboardJobs.Request($"\"{new string('x', 70_000)}\""));
        (await visitor.ReadAsync($"/jobs/{large}")).Should().Contain("68.4 KiB").And.Contain("too large to be shown").And.NotContain("xxxx");
    }

    [Fact]
    public async Task A_trace_is_led_to_where_that_is_set_and_what_is_no_trace_id_is_text()
    {
        const string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        await using var api = new TestApi((DashboardOptions.TraceUrlVariable, "https://tempo.example.com/trace/{traceId}?orgId=1"));
        var visitor = await Visitor.LoggedInAsync(api);
        var request = DashboardJobs.Request() with { TraceParent = $"00-{trace}-00f067aa0ba902b7-01" };
        var waiting = await api.Queue.EnqueueAsync(request with { Queue = "other" });
        var dead = await api.Queue.BuryAsync(request);
        var link = $"href=\"https://tempo.example.com/trace/{trace}?orgId=1\"";
        (await visitor.ReadAsync($"/jobs/{waiting}")).Should().Contain(link);
        (await visitor.ReadAsync($"/jobs/{dead}")).Should().Contain(link);
        (await visitor.ReadAsync($"/queues/q/dead-letters/{dead}")).Should().Contain(link);
        await visitor.SubmitAsync("/queues/q/pause");
        (await visitor.ReadAsync("/audit")).Should().Contain("href=\"https://tempo.example.com/trace/");

        var odd = await api.Queue.EnqueueAsync(request with { TraceParent = "00-abc-1-01" });
        (await visitor.ReadAsync($"/jobs/{odd}")).Should().Contain("<code>abc</code>").And.NotContain("tempo.example.com");
        await using var plain = new TestApi();
        var kept = await plain.Queue.EnqueueAsync(request);
        (await (await Visitor.LoggedInAsync(plain)).ReadAsync($"/jobs/{kept}")).Should().Contain($"<code>{trace}</code>").And.NotContain("tempo.example.com");
    }

    [Theory]
    [InlineData("https://tempo.example.com/trace")]
    [InlineData("/trace/{traceId}")]
    [InlineData("javascript:alert('{traceId}')")]
    [InlineData("https://user:password@tempo.example.com/{traceId}")]
    public void An_address_of_traces_that_is_none_is_refused_at_the_start(string url)
    {
        var build = () => ApiHost.Build(
            ["--K8SQUEUE_REDIS_ADDRESS=127.0.0.1:1", $"--{ApiOptions.KeysVariable}={ApiKey.Create("a").Key.Line}", $"--{DashboardOptions.TraceUrlVariable}={url}"]);
        build.Should().Throw<ApiConfigurationException>().WithMessage("K8SQUEUE_TRACE_URL must be an address such as https://tempo.example.com/trace/{traceId}*");
    }

    [Fact]
    public async Task A_job_that_is_not_there_or_not_tracked_says_so()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        var unknown = JobId.Create("q", true, TimeProvider.System);
        (await visitor.ReadAsync($"/jobs/{unknown}", HttpStatusCode.NotFound)).Should().Contain("There is no job of this id");
        var untracked = await api.Queue.EnqueueAsync(DashboardJobs.Request() with { Tracked = false });
        (await visitor.ReadAsync($"/jobs/{untracked}")).Should().Contain("not tracked").And.Contain("Cancel the job");
        (await visitor.ReadAsync("/jobs/nonsense", HttpStatusCode.BadRequest)).Should().Contain("is not a job id");
        (await visitor.ReadAsync("/queues/NOT-ONE", HttpStatusCode.BadRequest)).Should().Contain("not a queue name");
        (await visitor.ReadAsync($"/queues/q/dead-letters/{unknown}", HttpStatusCode.NotFound)).Should().Contain("not a dead letter");
    }

    [Fact]
    public async Task Markup_in_what_producers_and_handlers_say_is_text()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        var request = DashboardJobs.Request($$"""{"{{System.Text.Json.JsonEncodedText.Encode(Evil)}}":"</pre><script>alert(3)</script>"}""") with
        {
            Type = Evil,
            Tags = [Evil],
            Deduplication = new JobDeduplication(Evil + "k", UntilDone: true),
            Concurrency = new JobConcurrency(Evil, 5),
        };
        var dead = await api.Queue.BuryAsync(request, $"{Evil}\n at {Evil}");
        await using (var consumer = await api.Queue.OpenAsync("q"))
        {
            await api.Queue.EnqueueAsync(request with { Deduplication = null });
            var lease = (await consumer.FetchAsync(1, CancellationToken.None)).Single();
            await consumer.ReportProgressAsync([new JobProgressReport(lease, 0.5, Evil)], CancellationToken.None);
            await consumer.RetryAsync([new JobRetry(lease, TimeSpan.FromHours(1), Evil)], CancellationToken.None);
        }

        await api.Queue.PutScheduleAsync(
            new JobSchedule { Name = "s", Cron = "@daily", Job = DashboardJobs.Request($"\"{System.Text.Json.JsonEncodedText.Encode(Evil)}\"") with { Type = Evil } }, CancellationToken.None);
        foreach (var path in new[]
        {
            "/", "/queues/q", $"/jobs/{dead}", "/queues/q/dead-letters", $"/queues/q/dead-letters/{dead}", "/queues/q/schedules", "/schedules",
            $"/?search={Uri.EscapeDataString(Evil)}", $"/queues/q?type={Uri.EscapeDataString(Evil)}", $"/queues/q/enqueue?type={Uri.EscapeDataString(Evil)}",
            $"/queues/q/dead-letters?error={Uri.EscapeDataString(Evil)}", $"/queues/q/dead-letters/all?act=delete&type={Uri.EscapeDataString(Evil)}",
            $"/batches?id={Uri.EscapeDataString(Evil)}", $"/find?q={Uri.EscapeDataString(Evil)}", $"/queues/q?notice={Uri.EscapeDataString(Evil)}",
        })
        {
            var response = await visitor.GetAsync(path);
            var html = await response.Content.ReadAsStringAsync();
            html.Should().NotContain("<img src=x", path).And.NotContain("<script>", path).And.NotContain("\"'>", path);
        }

        (await visitor.ReadAsync($"/queues/q/dead-letters/{dead}")).Should().Contain("&lt;img src=x onerror=alert(1)&gt;");
        var refused = await visitor.PostAsync("/queues/q/enqueue", ("type", Evil), ("payload", Evil), ("tags", Evil), ("maxAttempts", Evil));
        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await refused.Content.ReadAsStringAsync()).Should().NotContain("<img src=x").And.NotContain("<script>");
    }

    [Fact]
    public async Task A_batch_shows_how_many_of_its_jobs_have_ended()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        var batch = await api.Queue.EnqueueBatchAsync(
            new BatchRequest { Jobs = [DashboardJobs.Request(), DashboardJobs.Request()], OnComplete = DashboardJobs.Request() }, CancellationToken.None);
        (await visitor.ReadAsync($"/batches/{batch.Id}")).Should().Contain("0 of 2 have ended").And.Contain($"/jobs/{batch.Jobs[1]}");
        (await visitor.GetAsync($"/batches?id={batch.Id}")).Headers.Location!.ToString().Should().Be($"/batches/{batch.Id}");
        (await visitor.ReadAsync($"/jobs/{batch.Jobs[0]}")).Should().Contain($"/batches/{batch.Id}");
        (await visitor.ReadAsync($"/batches/{BatchId.Create("q", TimeProvider.System)}", HttpStatusCode.NotFound)).Should().Contain("The batch is unknown");
    }

    [Fact]
    public async Task Of_a_batchs_jobs_of_other_queues_no_more_is_shown_than_how_they_stand_in_it()
    {
        await using var api = new TestApi();
        var reader = api.AddKey("reader", "verbs=read;queues=q");
        var (visitor, all) = (await Visitor.LoggedInAsync(api, reader), await Visitor.LoggedInAsync(api));
        var foreign = DashboardJobs.Request(queue: "other") with { Type = "type-of-another-team" };
        var batch = await api.Queue.EnqueueBatchAsync(
            new BatchRequest { Jobs = [DashboardJobs.Request(), foreign], OnComplete = DashboardJobs.Request() }, CancellationToken.None);
        await using (var consumer = await api.Queue.OpenAsync("other"))
        {
            var lease = (await consumer.FetchAsync(1, CancellationToken.None)).Single();
            await consumer.BuryAsync([new JobBurial(lease, DeadLetterReasons.Unrecoverable, "error-of-another-team")], CancellationToken.None);
        }

        (await visitor.ReadAsync($"/batches/{batch.Id}")).Should().Contain("email.send").And.Contain(batch.Jobs[1].Ulid).And.Contain(">Failed<")
            .And.NotContain("another-team").And.NotContain($"href=\"/jobs/{batch.Jobs[1]}\"").And.NotContain(">Dead<");
        (await visitor.ReadAsync($"/jobs/{batch.Jobs[0]}")).Should().Contain(batch.Jobs[1].Ulid).And.NotContain("another-team");
        (await all.ReadAsync($"/batches/{batch.Id}")).Should().Contain("error-of-another-team").And.Contain($"href=\"/jobs/{batch.Jobs[1]}\"");
    }

    [Fact]
    public async Task What_has_a_name_or_an_id_is_found()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        var id = JobId.Create("q", true, TimeProvider.System);
        (await visitor.GetAsync("/find?q=emails")).Headers.Location!.ToString().Should().Be("/queues/emails");
        (await visitor.GetAsync($"/find?q=%20{id}")).Headers.Location!.ToString().Should().Be($"/jobs/{id}");
        (await visitor.GetAsync($"/find?q=batch%20{id}")).Headers.Location!.ToString().Should().Be($"/batches/{id}");
        (await visitor.GetAsync("/find?q=A%20b")).Headers.Location!.ToString().Should().Be("/?search=A%20b");
    }

    [Fact]
    public async Task A_broker_that_is_away_is_said_on_the_page()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        api.Queue.Fault = () => new JobQueueUnavailableException("Redis at 10.0.0.1 does not answer.");
        (await visitor.ReadAsync("/", HttpStatusCode.ServiceUnavailable)).Should().Contain("Redis at 10.0.0.1 does not answer.");
        api.Queue.Fault = () => new InvalidOperationException("private");
        (await visitor.ReadAsync("/queues/q", HttpStatusCode.InternalServerError)).Should().NotContain("private");
    }

    [Fact]
    public async Task Events_are_found_though_older_ones_are_gone()
    {
        var queue = new Core.InMemory.InMemoryJobQueue(new Core.InMemory.InMemoryQueueOptions { EventsLimit = 30 });
        await using var api = new TestApi(queue);
        var visitor = await Visitor.LoggedInAsync(api);
        var first = await api.Queue.EnqueueAsync(DashboardJobs.Request());
        for (var i = 0; i < 40; i++)
            await api.Queue.EnqueueAsync(DashboardJobs.Request());
        var last = await api.Queue.EnqueueAsync(DashboardJobs.Request());
        (await visitor.ReadAsync("/queues/q")).Should().Contain(last.Ulid).And.NotContain(first.Ulid);
        (await visitor.ReadAsync($"/jobs/{first}")).Should().Contain("Its events are not kept any more.");
        (await visitor.ReadAsync($"/jobs/{last}")).Should().Contain(">Added<");
    }

    private static FlowRequest Leaf(string type, string queue = "q") => new() { Job = DashboardJobs.Request(queue: queue) with { Type = type } };

    private static FlowRequest Node(string type, params FlowRequest[] children) => Leaf(type) with { Children = children };

    /// <summary>What a page says, without its markup.</summary>
    private static string Text(string html) => WebUtility.HtmlDecode(string.Join(' ', System.Text.RegularExpressions.Regex
        .Replace(html, "<[^>]+>", " ", default, TimeSpan.FromSeconds(5)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
}
