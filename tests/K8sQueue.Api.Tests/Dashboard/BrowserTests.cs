using K8sQueue.Api.Tests.Cluster;
using K8sQueue.Core.Batches;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Schedules;
using K8sQueue.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace K8sQueue.Api.Tests.Dashboard;

/// <summary>The dashboard as people use it.</summary>
[Collection(nameof(Browser))]
public sealed class BrowserTests(Browser browser, TestCluster cluster)
{
    private const string Evil = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'>";

    [Fact]
    public async Task A_job_is_enqueued_and_seen_to_run_as_it_does()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        await using var visit = await browser.VisitAsync(api);
        var page = visit.Page;
        await page.GetByLabel("Name of a queue").FillAsync("emails");
        await page.GetByRole(AriaRole.Button, new() { Name = "Open it" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Enqueue" }).ClickAsync();
        await page.GetByLabel("Type").FillAsync("email.send");
        await page.GetByLabel("Payload (JSON)").FillAsync("""{"to": "ada@example.org"}""");
        await page.GetByRole(AriaRole.Button, new() { Name = "Enqueue" }).ClickAsync();
        var record = page.Locator("#record");
        await Expect(record).ToContainTextAsync("Waiting");

        await using var consumer = await queue.OpenAsync("emails");
        var lease = (await consumer.FetchAsync(1, CancellationToken.None)).Single();
        await Expect(record).ToContainTextAsync("Running");
        await consumer.ReportProgressAsync([new JobProgressReport(lease, 0.5, "half of it")], CancellationToken.None);
        await Expect(record).ToContainTextAsync("half of it");
        await consumer.CompleteAsync([new JobCompletion(lease, "{\"sent\":true,\"token\":\"t0p\"}"u8.ToArray())], CancellationToken.None);

        await Expect(record).ToContainTextAsync("Completed");
        await Expect(page.Locator("#timeline")).ToContainTextAsync("Completed");
        await Expect(page.Locator("#contents")).ToContainTextAsync("\"sent\": true");
        await Expect(page.Locator("#contents")).Not.ToContainTextAsync("t0p");
        visit.Errors.Should().BeEmpty();
    }

    [Fact]
    public async Task A_dead_letter_is_edited_and_runs_again_and_the_queue_is_paused()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        await using var visit = await browser.VisitAsync(api);
        var page = visit.Page;
        await page.GotoAsync("/queues/emails");
        await queue.BuryAsync(DashboardJobs.Request("""{"to":"nobody","password":"hunter2"}""", "emails"), "550 no such user\n   at Mailer.Send()");
        await Expect(page.Locator("#event-list")).ToContainTextAsync("550 no such user");
        await page.GetByRole(AriaRole.Link, new() { Name = "Dead letters" }).ClickAsync();
        await page.GetByRole(AriaRole.Table).GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.GetByLabel("Error and stack")).ToContainTextAsync("at Mailer.Send()");
        await Expect(page.Locator("body")).Not.ToContainTextAsync("hunter2");
        await page.GetByText("Edit its payload and redrive").ClickAsync();
        var editor = page.GetByLabel("Payload (JSON)");
        await editor.FillAsync((await editor.InputValueAsync()).Replace("nobody", "ada@example.org", StringComparison.Ordinal));
        await page.GetByRole(AriaRole.Button, new() { Name = "Redrive with this payload" }).ClickAsync();

        await Expect(page.GetByText("Put back into the queue: 1.")).ToBeVisibleAsync();
        var lease = (await queue.FetchAsync("emails")).Single();
        System.Text.Encoding.UTF8.GetString(lease.Job.Payload.Span).Should().Be("""{"to":"ada@example.org","password":"hunter2"}""");

        await page.GotoAsync("/queues/emails");
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("Paused");
        (await queue.GetStatisticsAsync("emails", CancellationToken.None)).Backlog.Paused.Should().BeTrue();
        await page.GetByRole(AriaRole.Button, new() { Name = "Live" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Live: off" })).ToHaveAttributeAsync("aria-pressed", "false");
        await page.GetByRole(AriaRole.Button, new() { Name = "Log out" }).ClickAsync();
        await Expect(page.GetByLabel("API key")).ToBeFocusedAsync();
        visit.Errors.Should().BeEmpty();
    }

    [Fact]
    public async Task A_form_asks_before_it_ends_something_after_a_refresh_too()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        await using var visit = await browser.VisitAsync(api);
        var page = visit.Page;
        var id = await queue.EnqueueAsync(DashboardJobs.Request());
        await page.GotoAsync($"/jobs/{id}");
        var record = page.Locator("#record");
        await Expect(record).ToContainTextAsync("Waiting");
        await using (var consumer = await queue.OpenAsync("q"))
        {
            var lease = (await consumer.FetchAsync(1, CancellationToken.None)).Single();
            await Expect(record).ToContainTextAsync("Running");
            visit.SaysNo = true;
            await page.GetByRole(AriaRole.Button, new() { Name = "Cancel the job" }).ClickAsync();
            visit.Questions.Should().Equal("Cancel this job?");
            await consumer.BuryAsync([new JobBurial(lease, DeadLetterReasons.Unrecoverable, "boom")], CancellationToken.None);
        }

        await Expect(record).ToContainTextAsync("Dead");
        await page.GotoAsync("/queues/q/dead-letters");
        await page.GetByLabel($"Select {id.Ulid}").CheckAsync();
        var delete = page.GetByRole(AriaRole.Button, new() { Name = "Delete the selected" });
        await delete.ClickAsync();
        visit.Questions.Should().Equal("Cancel this job?", "Delete the selected dead letters for good?");
        (await queue.GetDeadLetterAsync(id, CancellationToken.None)).Should().NotBeNull();
        page.Url.Should().EndWith("/queues/q/dead-letters");

        visit.SaysNo = false;
        await delete.ClickAsync();
        await Expect(page.GetByText("Deleted for good: 1.")).ToBeVisibleAsync();
        visit.Questions.Should().HaveCount(3);
        visit.Errors.Should().BeEmpty();
    }

    [Fact]
    public async Task Every_page_is_accessible_and_what_others_wrote_is_text()
    {
        var (api, queue) = await KestrelApi.StartAsync(inner: null, configure: null, $"--KUBECONFIG={cluster.Kubeconfig}");
        await using var running = api;
        var pages = await FillAsync(queue);
        await using var light = await browser.VisitAsync(api);
        await using var dark = await browser.VisitAsync(api, scheme: ColorScheme.Dark);
        var violations = new List<string>();
        foreach (var path in pages)
        {
            await light.Page.GotoAsync(path);
            violations.AddRange(await light.ViolationsAsync());

            // The same page in other colours.
            await dark.Page.GotoAsync(path);
            violations.AddRange(await dark.ViolationsAsync("color-contrast"));
        }

        await light.Page.GotoAsync("/queues/q/schedules/nightly");
        await light.Page.GetByRole(AriaRole.Button, new() { Name = "Show the next times" }).ClickAsync();
        await Expect(light.Page.Locator("#times li")).ToHaveCountAsync(5);
        violations.AddRange(await light.ViolationsAsync());
        violations.Should().BeEmpty();
        light.Errors.Concat(dark.Errors).Should().BeEmpty();

        await light.Page.SetContentAsync("<html lang=\"en\"><title>t</title><main><button></button></main>");
        (await light.ViolationsAsync()).Should().ContainSingle("that is what is looked for").Which.Should().Contain("button-name");
    }

    [Fact]
    public async Task Pages_are_read_and_forms_are_sent_without_JavaScript()
    {
        var (api, queue) = await KestrelApi.StartAsync(inner: null, configure: null, $"--KUBECONFIG={cluster.Kubeconfig}");
        await using var running = api;
        var pages = await FillAsync(queue);
        await using var visit = await browser.VisitAsync(api, script: false);
        foreach (var path in pages)
        {
            var response = await visit.Page.GotoAsync(path);
            response!.Status.Should().Be(200, path);
            await Expect(visit.Page.Locator("h1")).ToBeVisibleAsync();
        }

        await visit.Page.GotoAsync("/queues/q");
        await Expect(visit.Page.Locator("#live")).ToBeHiddenAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await Expect(visit.Page.GetByText("The queue is paused")).ToBeVisibleAsync();
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "24 hours" }).ClickAsync();
        await Expect(visit.Page.GetByText("jobs in 10 minutes").First).ToBeVisibleAsync();

        await queue.EnqueueAsync([.. Enumerable.Repeat(DashboardJobs.Request() with { Type = "resize" }, 3)], CancellationToken.None);
        await visit.Page.GotoAsync("/queues/q/jobs");
        await visit.Page.GetByLabel("Type").FillAsync("resize");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Cancel all that match" }).ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Strong)).ToHaveTextAsync("3");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Cancel 3" }).ClickAsync();
        await Expect(visit.Page.GetByText("Cancelled, or told to stop where they run: 3.")).ToBeVisibleAsync();
        await Expect(visit.Page.GetByText("There is none.")).ToBeVisibleAsync();

        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Schedules", Exact = true }).Last.ClickAsync();
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "New schedule" }).ClickAsync();
        await visit.Page.Locator("#name").FillAsync("weekly");
        await visit.Page.Locator("#cron").FillAsync("0 30 4 ? * MON");
        await visit.Page.Locator("#timeZone").FillAsync("Europe/Berlin");
        await visit.Page.GetByLabel("Type of the job").FillAsync("report");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Show the next times" }).ClickAsync();
        await Expect(visit.Page.Locator("#times li")).ToHaveCountAsync(5);
        (await visit.Page.Locator("#times li").AllInnerTextsAsync()).Should().OnlyContain(time => time.StartsWith("Mon ") && time.Contains("04:30:00"));
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(visit.Page.GetByText("The schedule is saved.")).ToBeVisibleAsync();
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Edit weekly" }).ClickAsync();
        await Expect(visit.Page.Locator("#cron")).ToHaveValueAsync("0 30 4 ? * MON");
    }

    [Fact]
    public async Task The_keyboard_reaches_the_content_at_once_and_focus_stays_over_a_refresh()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        await queue.EnqueueAsync(DashboardJobs.Request());
        await using var visit = await browser.VisitAsync(api);
        var page = visit.Page;
        await page.GotoAsync("/queues/q");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByText("Skip to the content")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#main")).ToBeFocusedAsync();

        var link = page.Locator("#job-list").GetByRole(AriaRole.Link);
        await link.FocusAsync();
        await using (var consumer = await queue.OpenAsync("q"))
            await consumer.FetchAsync(1, CancellationToken.None);
        await Expect(page.Locator("#job-list")).ToContainTextAsync("Running");
        await Expect(link).ToBeFocusedAsync();
        visit.Errors.Should().BeEmpty();
    }

    [Fact]
    public async Task A_pool_is_seen_to_scale()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var api = await KestrelApi.StartAsync(redis.Address, $"--KUBECONFIG={cluster.Kubeconfig}");
        await cluster.KubectlAsync("create", "namespace", "media");
        await using var @operator = cluster.StartOperator("media");
        await cluster.ApplyAsync($$$"""
            apiVersion: k8squeue.io/v1alpha1
            kind: WorkerPool
            metadata: {name: thumbnails, namespace: media}
            spec:
              queues: [{name: thumbnails, jobsPerReplica: 20, k8squeue: {redis: {address: "{{{redis.Address}}}"} } }]
              scaling: {maxReplicas: 5, pollingIntervalSeconds: 1}
              template: {spec: {containers: [{name: worker, image: "ghcr.io/acme/thumbnails:1"}]}}
            """);
        await using var visit = await browser.VisitAsync(api);
        var page = visit.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "Pools" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "media/thumbnails" }).ClickAsync();
        await Expect(page.Locator("#pool")).ToContainTextAsync("Ready");

        var jobs = api.Services.GetRequiredService<IJobQueue>();
        await jobs.EnqueueAsync([.. Enumerable.Repeat(DashboardJobs.Request(queue: "thumbnails"), 60)], CancellationToken.None);

        await Expect(Tile(page, "Running")).ToHaveTextAsync("3");
        await Expect(Tile(page, "Granted")).ToHaveTextAsync("3");
        await Expect(page.Locator("#details")).ToContainTextAsync("60 waiting");
        await Expect(page.Locator("#charts")).ToContainTextAsync("Running: last 3, most 3");
        await Expect(page.Locator("#details td .badge", new() { HasText = "ready" })).ToHaveCountAsync(3);
        visit.Errors.Should().BeEmpty();
    }

    private static ILocator Tile(IPage page, string label) =>
        page.Locator(".tile").Filter(new() { Has = page.GetByText(label, new() { Exact = true }) }).Locator("dd");

    /// <summary>Makes something for each page to show, and answers their addresses.</summary>
    private static async Task<IReadOnlyList<string>> FillAsync(FaultyQueue queue)
    {
        var evil = DashboardJobs.Request($$"""{"{{System.Text.Json.JsonEncodedText.Encode(Evil)}}":"</pre>{{System.Text.Json.JsonEncodedText.Encode(Evil)}}","token":"x"}""") with
        {
            Type = Evil,
            Tags = [Evil],
        };
        var dead = await queue.BuryAsync(evil, Evil);
        await queue.BuryAsync(DashboardJobs.Request() with { Tracked = false });
        var batch = await queue.EnqueueBatchAsync(new BatchRequest { Jobs = [DashboardJobs.Request(), evil] }, CancellationToken.None);
        await queue.PutScheduleAsync(new JobSchedule { Name = "nightly", Cron = "@daily", Job = evil }, CancellationToken.None);
        await queue.SetLimitsAsync("q", new QueueLimits { Concurrency = 3 }, CancellationToken.None);
        await using var consumer = await queue.OpenAsync("q");
        var lease = (await consumer.FetchAsync(1, CancellationToken.None)).Single();
        await consumer.RetryAsync([new JobRetry(lease, TimeSpan.FromHours(1), Evil)], CancellationToken.None);
        return
        [
            "/", "/queues/q", "/queues/q/jobs", "/queues/q/jobs?state=Dead", "/queues/q/jobs/all?act=Cancel&state=Waiting", "/queues/q/enqueue", "/queues/q/dead-letters", $"/queues/q/dead-letters/{dead}", "/queues/q/dead-letters/all?act=delete",
            "/queues/q/schedules", "/queues/q/schedules/nightly", "/queues/q/new-schedule", "/queues/q/limits", $"/jobs/{dead}", $"/jobs/{lease.Job.Id}", "/schedules", "/audit", "/batches", $"/batches/{batch.Id}",
            "/pools", "/pools/shop/emails", "/budgets", "/budgets/shop/orders-db", "/workers", "/diagnostics",
        ];
    }
}
