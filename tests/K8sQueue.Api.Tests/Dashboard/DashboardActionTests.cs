using System.Net;
using System.Text;
using K8sQueue.Api.Dashboard.Masking;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Api.Tests.Dashboard;

/// <summary>What the forms do.</summary>
public sealed class DashboardActionTests
{
    [Fact]
    public async Task A_job_is_enqueued_and_its_page_follows()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        var page = await visitor.SubmitAsync(
            "/queues/q/enqueue",
            ("type", "email.send"),
            ("payload", """{"to": "ada", "n": 1.10}"""),
            ("priority", "high"),
            ("maxAttempts", "7"),
            ("timeoutSeconds", "1.5"),
            ("tags", "eu, trial"),
            ("deduplicationKey", "k"));
        page.Should().Contain("The job is enqueued.").And.Contain("of 7").And.Contain("trial");
        var job = (await api.Queue.FetchAsync("q")).Single().Job;
        Encoding.UTF8.GetString(job.Payload.Span).Should().Be("""{"to": "ada", "n": 1.10}""");
        job.Should().BeEquivalentTo(new { Type = "email.send", Lane = Lane.High, Timeout = TimeSpan.FromSeconds(1.5) });
        (await visitor.SubmitAsync("/queues/q/enqueue", ("type", "email.send"), ("deduplicationKey", "k"))).Should().Contain("no other was enqueued");
    }

    [Theory]
    [InlineData("type", "")]
    [InlineData("payload", "{")]
    [InlineData("payload", "1 2")]
    [InlineData("payload", "1,\"tracked\":false")]
    [InlineData("priority", "urgent")]
    [InlineData("delaySeconds", "soon")]
    [InlineData("maxAttempts", "0")]
    [InlineData("maxAttempts", "1e400")]
    public async Task A_wrong_field_is_said_and_what_was_written_stays(string field, string value)
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        var fields = new Dictionary<string, string> { ["type"] = "kept", ["payload"] = "[1]", [field] = value };
        var response = await visitor.PostAsync("/queues/q/enqueue", [.. fields.Select(f => (f.Key, f.Value))]);
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync()).Should().Contain("role=\"alert\"").And.Contain(field == "type" ? "[1]" : "value=\"kept\"");
        api.Queue.Enqueues.Should().Be(0);
    }

    [Fact]
    public async Task A_queue_is_paused_and_resumed()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        (await visitor.SubmitAsync("/queues/q/pause")).Should().Contain("The queue is paused").And.Contain("/queues/q/resume");
        (await api.Queue.GetStatisticsAsync("q", CancellationToken.None)).Backlog.Paused.Should().BeTrue();
        (await visitor.SubmitAsync("/queues/q/resume")).Should().Contain("The queue is resumed");
        (await api.Queue.GetStatisticsAsync("q", CancellationToken.None)).Backlog.Paused.Should().BeFalse();
    }

    [Fact]
    public async Task Jobs_are_listed_by_state_page_by_page_and_the_selected_are_cancelled()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        var ids = new List<JobId>();
        for (var i = 0; i < 60; i++)
            ids.Add(await api.Queue.EnqueueAsync(DashboardJobs.Request() with { Tags = i == 7 ? ["odd"] : [] }));
        var first = await visitor.ReadAsync("/queues/q/jobs");
        first.Should().Contain(ids[0].Ulid).And.NotContain(ids[59].Ulid);
        var next = System.Text.RegularExpressions.Regex.Match(first, "rel=\"next\" href=\"([^\"]+)\"", default, TimeSpan.FromSeconds(1)).Groups[1].Value;
        (await visitor.ReadAsync(WebUtility.HtmlDecode(next))).Should().Contain(ids[59].Ulid).And.NotContain(ids[0].Ulid);
        (await visitor.ReadAsync("/queues/q/jobs?state=waiting&tag=odd")).Should().Contain(ids[7].Ulid).And.NotContain(ids[8].Ulid);
        (await visitor.SubmitAsync("/queues/q/jobs/cancel", ("id", ids[0].Value), ("id", ids[1].Value))).Should().Contain("where they run: 2.");
        (await visitor.ReadAsync("/queues/q/jobs?state=Cancelled")).Should().Contain(ids[0].Ulid).And.Contain(ids[1].Ulid);
        (await visitor.ReadAsync("/queues/q/jobs?after=nonsense", HttpStatusCode.BadRequest)).Should().Contain("role=\"search\"");
    }

    [Fact]
    public async Task All_jobs_that_match_are_cancelled_run_again_and_deleted_after_a_count()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        for (var i = 0; i < 60; i++)
            await api.Queue.EnqueueAsync(DashboardJobs.Request() with { Type = i % 3 == 0 ? "resize" : "mail" });
        (await visitor.ReadAsync("/queues/q/jobs?state=waiting&type=resize")).Should().Contain("/queues/q/jobs/all?act=Cancel&amp;state=Waiting&amp;type=resize");
        (await visitor.ReadAsync("/queues/q/jobs?state=Dead")).Should().NotContain("/jobs/all");

        var plan = await visitor.ReadAsync("/queues/q/jobs/all?act=Cancel&state=Waiting&type=resize");
        plan.Should().Contain("<strong>20</strong>").And.Contain("Cancel 20").And.Contain("name=\"before\"");
        var before = System.Text.RegularExpressions.Regex.Match(plan, "name=\"before\" value=\"([^\"]+)\"", default, TimeSpan.FromSeconds(1)).Groups[1].Value;
        var late = await api.Queue.EnqueueAsync(DashboardJobs.Request() with { Type = "resize", Delay = TimeSpan.FromHours(1) });
        (string, string)[] form = [("act", "Cancel"), ("state", "Waiting"), ("type", "resize"), ("before", before)];
        (await visitor.SubmitAsync("/queues/q/jobs/all", form)).Should().Contain("where they run: 20. Skipped, since they had ended by then: 0.");
        (await visitor.SubmitAsync("/queues/q/jobs/all", form)).Should().Contain("where they run: 0.", "it may be sent again");
        (await api.Queue.GetJobAsync(late, CancellationToken.None))!.State.Should().Be(JobState.Delayed);

        (await visitor.SubmitAsync("/queues/q/jobs/all", ("act", "retry"), ("state", "cancelled"))).Should().Contain("Put back into the queue: 20.");
        (await visitor.SubmitAsync("/queues/q/jobs/all", ("act", "cancel"), ("state", "waiting"))).Should().Contain("where they run: 60.");
        (await visitor.SubmitAsync("/queues/q/jobs/all", ("act", "delete"), ("state", "cancelled"))).Should().Contain("Deleted for good: 60.");
        (await visitor.ReadAsync("/queues/q/jobs/all?act=retry&state=waiting", HttpStatusCode.BadRequest)).Should().Contain("can&#x27;t be done with jobs that are waiting");
        (await visitor.PostAsync("/queues/q/jobs/all", ("act", "cancel"), ("state", "waiting"), ("before", "soon"))).StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await visitor.PostAsync("/queues/q/jobs/all", ("act", "cancel"), ("state", "waiting"), ("after", "x"))).StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await visitor.ReadAsync("/audit")).Should().Contain("POST /queues/{queue}/jobs/all");
    }

    [Fact]
    public async Task More_jobs_than_a_form_does_are_done_in_parts()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        await api.Queue.EnqueueAsync([.. Enumerable.Repeat(DashboardJobs.Request() with { Tracked = false }, 10_003)], CancellationToken.None);
        (await visitor.ReadAsync("/queues/q/jobs/all?act=cancel&state=waiting")).Should().Contain("Cancel 10,000").And.Contain("There are more to look at");
        var second = await visitor.SubmitAsync("/queues/q/jobs/all", ("act", "cancel"), ("state", "waiting"));
        second.Should().Contain("where they run: 10000.").And.Contain("<strong>3</strong> more").And.Contain("Cancel 3").And.NotContain("There are more to look at");
    }

    [Fact]
    public async Task What_is_done_here_is_written_down()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        await visitor.SubmitAsync("/queues/q/pause");
        var id = await api.Queue.EnqueueAsync(DashboardJobs.Request());
        await visitor.SubmitAsync($"/jobs/{id}/cancel");
        var page = await visitor.ReadAsync("/audit");
        page.Should().Contain("POST /queues/{queue}/pause").And.Contain("tests").And.Contain("POST /jobs/{id}/cancel").And.Contain(id.Ulid);
    }

    [Fact]
    public async Task A_job_is_cancelled()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        var id = await api.Queue.EnqueueAsync(DashboardJobs.Request());
        (await visitor.SubmitAsync($"/jobs/{id}/cancel")).Should().Contain("The job is cancelled.").And.Contain(">Cancelled<");
        (await visitor.PostAsync($"/jobs/{JobId.Create("q", true, TimeProvider.System)}/cancel")).Headers.Location!.ToString().Should().Contain("not-cancelled");
    }

    [Fact]
    public async Task A_dead_letter_is_edited_and_run_again_without_its_secrets_being_shown()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        var id = await api.Queue.BuryAsync(DashboardJobs.Request("""{"to":"nobody","password":"hunter2"}"""), "550 no such user\n  at Mailer.Send()");
        var page = await visitor.ReadAsync($"/queues/q/dead-letters/{id}");
        page.Should().Contain("550 no such user").And.Contain("at Mailer.Send()").And.NotContain("hunter2").And.Contain("AttemptsExhausted");

        var wrong = await visitor.PostAsync($"/queues/q/dead-letters/{id}/redrive", ("payload", "{oops"));
        wrong.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await wrong.Content.ReadAsStringAsync()).Should().Contain("not valid JSON").And.Contain("{oops");

        var edited = "{\r\n  \"to\": \"ada\",\r\n  \"password\": \"" + PayloadMask.Mask + "\"\r\n}";
        (await visitor.SubmitAsync($"/queues/q/dead-letters/{id}/redrive", ("payload", edited))).Should().Contain("Put back into the queue: 1.");
        var job = (await api.Queue.FetchAsync("q")).Single().Job;
        Encoding.UTF8.GetString(job.Payload.Span).Should().Be("""{"to":"ada","password":"hunter2"}""");
    }

    [Fact]
    public async Task A_list_whose_elements_moved_under_their_masks_is_refused_and_nothing_sent()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        var id = await api.Queue.BuryAsync(DashboardJobs.Request("""{"users":[{"n":"a","password":"p1"},{"n":"b","password":"p2"}]}"""));
        var edited = $$"""{"users":[{"n":"b","password":"{{PayloadMask.Mask}}"}]}""";
        var response = await visitor.PostAsync($"/queues/q/dead-letters/{id}/redrive", ("payload", edited));
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync()).Should().Contain("its list was changed").And.Contain(edited).And.NotContain("p1");
        (await api.Queue.GetDeadLetterAsync(id, CancellationToken.None)).Should().NotBeNull();
    }

    [Fact]
    public async Task A_payload_that_cannot_be_masked_is_not_shown_where_it_names_a_secret()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        var id = await api.Queue.BuryAsync(DashboardJobs.Request("user=a&password=hunter2"));
        (await visitor.ReadAsync($"/queues/q/dead-letters/{id}")).Should().Contain("Payload (23 bytes)").And.Contain("can't be masked").And.NotContain("hunter2").And.NotContain("<textarea");
        (await visitor.SubmitAsync($"/queues/q/dead-letters/{id}/redrive")).Should().Contain("Put back into the queue: 1.");
        Encoding.UTF8.GetString((await api.Queue.FetchAsync("q")).Single().Job.Payload.Span).Should().Be("user=a&password=hunter2");
    }

    [Fact]
    public async Task One_that_was_not_edited_keeps_its_payload_to_the_byte()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        const string Payload = """{  "token" :"t", "n": 1.0e2 }""";
        var id = await api.Queue.BuryAsync(DashboardJobs.Request(Payload));
        var shown = new PayloadMask(["token"]).Show(Encoding.UTF8.GetBytes(Payload))!;
        await visitor.SubmitAsync($"/queues/q/dead-letters/{id}/redrive", ("payload", shown.ReplaceLineEndings("\r\n")));
        Encoding.UTF8.GetString((await api.Queue.FetchAsync("q")).Single().Job.Payload.Span).Should().Be(Payload);
    }

    [Fact]
    public async Task The_selected_ones_run_again_or_go()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        var ids = new List<JobId>();
        for (var i = 0; i < 5; i++)
            ids.Add(await api.Queue.BuryAsync(DashboardJobs.Request()));
        (await visitor.SubmitAsync("/queues/q/dead-letters/selected", ("act", "redrive"), ("id", ids[0].Value), ("id", ids[1].Value)))
            .Should().Contain("Put back into the queue: 2.");
        (await visitor.SubmitAsync("/queues/q/dead-letters/selected", ("act", "delete"), ("id", ids[2].Value), ("id", ids[2].Value)))
            .Should().Contain("Deleted for good: 1.");
        (await visitor.PostAsync("/queues/other/dead-letters/selected", ("act", "delete"), ("id", ids[3].Value))).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await visitor.SubmitAsync($"/queues/q/dead-letters/{ids[3]}/delete")).Should().Contain("Deleted for good: 1.");
        var statistics = await api.Queue.GetStatisticsAsync("q", CancellationToken.None);
        statistics.Should().BeEquivalentTo(new { DeadLetters = 1L, RedrivenTotal = 2L });
    }

    [Fact]
    public async Task All_that_fit_a_filter_are_counted_first()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        for (var i = 0; i < 60; i++)
            await api.Queue.BuryAsync(DashboardJobs.Request() with { Type = i % 3 == 0 ? "resize" : "mail" }, $"boom {i}");
        var list = await visitor.ReadAsync("/queues/q/dead-letters?type=resize&reason=&tag=&error=&after=&before=");
        list.Should().Contain("60 in all").And.Contain("boom 57").And.NotContain("boom 58").And.Contain("act=redrive&amp;type=resize");

        var plan = await visitor.ReadAsync("/queues/q/dead-letters/all?act=redrive&type=resize");
        plan.Should().Contain("<strong>20</strong>").And.Contain("name=\"before\"");
        var late = await api.Queue.BuryAsync(DashboardJobs.Request() with { Type = "late" });

        (await visitor.SubmitAsync("/queues/q/dead-letters/all", ("act", "redrive"), ("type", "resize"))).Should().Contain("Put back into the queue: 20.");
        (await visitor.ReadAsync("/queues/q/dead-letters/all?act=delete")).Should().Contain("<strong>41</strong>").And.Contain("Delete 41");
        (await visitor.SubmitAsync("/queues/q/dead-letters/all", ("act", "delete"), ("error", "BOOM"))).Should().Contain("Deleted for good: 41.");
        (await api.Queue.GetDeadLetterAsync(late, CancellationToken.None)).Should().BeNull();
    }

    [Fact]
    public async Task More_dead_letters_than_a_form_does_are_done_in_parts_whatever_others_do_meanwhile()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        await BuryAllAsync(api.Queue, "mail", 1_005);
        await BuryAllAsync(api.Queue, "other", 2);

        var first = await visitor.ReadAsync("/queues/q/dead-letters/all?act=delete&type=mail");
        first.Should().Contain("<strong>1,000</strong>").And.Contain("Delete 1,000").And.Contain("There are more to look at");
        var before = BeforeOn(first);
        var second = await visitor.SubmitAsync("/queues/q/dead-letters/all", ("act", "delete"), ("type", "mail"), ("before", before), ("place", ""));
        second.Should().Contain("Deleted for good: 1000.").And.Contain("<strong>5</strong> more").And.NotContain("There are more to look at");

        // One before the place and one behind it go elsewhere, and another is buried: the others are meant as before.
        var left = await api.Queue.ListDeadLettersAsync("q", 0, 10, CancellationToken.None);
        await api.Queue.DeleteDeadLetterAsync(left[0].Job.Id, CancellationToken.None);
        await api.Queue.DeleteDeadLetterAsync(left.Last(letter => letter.Job.Type == "mail").Job.Id, CancellationToken.None);
        await BuryAllAsync(api.Queue, "mail", 1);
        (await visitor.SubmitAsync("/queues/q/dead-letters/all", ("act", "delete"), ("type", "mail"), ("before", before), ("place", PlaceOn(second))))
            .Should().Contain("Deleted for good: 4.").And.Contain("2 in all");
        (await visitor.PostAsync("/queues/q/dead-letters/all", ("act", "redrive"), ("place", "soon"))).StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Newer_dead_letters_that_somebody_deletes_between_two_parts_make_the_next_part_skip_none()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        await BuryAllAsync(api.Queue, "mail", 1_200);
        await BuryAllAsync(api.Queue, "other", 500);

        var second = await visitor.SubmitAsync("/queues/q/dead-letters/all", ("act", "redrive"), ("type", "mail"));
        second.Should().Contain("Put back into the queue: 1000.");
        foreach (var letter in await api.Queue.ListDeadLettersAsync("q", 0, 100, CancellationToken.None))
            await api.Queue.DeleteDeadLetterAsync(letter.Job.Id, CancellationToken.None);

        (await visitor.SubmitAsync("/queues/q/dead-letters/all", ("act", "redrive"), ("type", "mail"), ("place", PlaceOn(second)))).Should().Contain("Put back into the queue: 200.");
    }

    [Fact]
    public async Task Dead_letters_are_paged()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        for (var i = 0; i < 30; i++)
            await api.Queue.BuryAsync(DashboardJobs.Request(), $"boom {i:00}");
        (await visitor.ReadAsync("/queues/q/dead-letters")).Should().Contain("boom 05").And.NotContain("boom 04").And.Contain("offset=25");
        (await visitor.ReadAsync("/queues/q/dead-letters?offset=25")).Should().Contain("boom 04").And.NotContain("boom 05").And.NotContain("Older ones");
        (await visitor.ReadAsync("/queues/q/dead-letters?after=tomorrow", HttpStatusCode.BadRequest)).Should().Contain("must be a time");
    }

    [Fact]
    public async Task Limits_are_set_and_taken_away()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        (await visitor.SubmitAsync("/queues/q/limits", ("jobs", "10"), ("periodSeconds", "0.5"), ("burst", ""), ("concurrency", "3")))
            .Should().Contain("10 jobs in 500 ms, 10 at once").And.Contain("3 at once");
        (await api.Queue.GetLimitsAsync("q", CancellationToken.None)).Should().Be(
            new QueueLimits { Rate = new QueueRate(10, TimeSpan.FromMilliseconds(500)), Concurrency = 3 });
        foreach (var (field, value) in new[] { ("jobs", "ten"), ("periodSeconds", ""), ("periodSeconds", "NaN"), ("periodSeconds", "1e9"), ("burst", "-1"), ("concurrency", "0") })
        {
            var fields = new Dictionary<string, string> { ["jobs"] = "1", ["periodSeconds"] = "1", ["burst"] = "", ["concurrency"] = "", [field] = value };
            (await visitor.PostAsync("/queues/q/limits", [.. fields.Select(f => (f.Key, f.Value))])).StatusCode.Should().Be(HttpStatusCode.BadRequest, $"{field} {value}");
        }

        (await visitor.SubmitAsync("/queues/q/limits/clear")).Should().Contain("taken away");
        (await api.Queue.GetLimitsAsync("q", CancellationToken.None)).Should().Be(QueueLimits.None);
    }

    [Fact]
    public async Task A_schedule_is_stopped_let_go_on_run_and_deleted()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        await api.Queue.PutScheduleAsync(new JobSchedule { Name = "nightly", Cron = "@daily", Job = DashboardJobs.Request("{\"secret\":\"s3\"}") }, CancellationToken.None);
        (await visitor.ReadAsync("/schedules")).Should().Contain("nightly").And.Contain("@daily").And.NotContain("s3");
        (await visitor.SubmitAsync("/queues/q/schedules/nightly/pause")).Should().Contain("The schedule is paused.").And.Contain("/queues/q/schedules/nightly/resume");
        (await visitor.SubmitAsync("/queues/q/schedules/nightly/run")).Should().Contain("The job is enqueued.");
        (await api.Queue.GetStatisticsAsync("q", CancellationToken.None)).Backlog.Waiting.Should().Be(1);
        (await visitor.SubmitAsync("/queues/q/schedules/nightly/resume")).Should().Contain("goes on");
        (await visitor.SubmitAsync("/queues/q/schedules/nightly/delete")).Should().Contain("The schedule is deleted");
        (await visitor.PostAsync("/queues/q/schedules/nightly/delete")).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_schedule_is_made_once_its_next_times_were_shown()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        (string, string)[] fields =
        [
            ("name", "nightly"), ("cron", "30 4 * * 1-5"), ("timeZone", "Europe/Berlin"), ("type", "report"), ("payload", "{\"n\":1}"),
            ("misfire", "skip"), ("graceSeconds", "90"), ("overlap", "skip"), ("priority", "high"), ("tags", "a, b"),
        ];
        var shown = WebUtility.HtmlDecode(await (await visitor.PostAsync("/queues/q/new-schedule", fields)).Content.ReadAsStringAsync());
        System.Text.RegularExpressions.Regex.Count(shown, "<li><time [^>]+>(Mon|Tue|Wed|Thu|Fri) [-0-9]+ 04:30:00 \\+0[12]:00<", default, TimeSpan.FromSeconds(1)).Should().Be(5, shown);
        (await api.Queue.GetScheduleAsync("q", "nightly", CancellationToken.None)).Should().BeNull();
        var other = await visitor.PostAsync("/queues/q/new-schedule", [.. fields, ("act", "save"), ("shown", "@daily Europe/Berlin")]);
        other.StatusCode.Should().Be(HttpStatusCode.OK, "those are other times than were shown");

        (await visitor.SubmitAsync("/queues/q/new-schedule", [.. fields, ("act", "save"), ("shown", "30 4 * * 1-5 Europe/Berlin")])).Should().Contain("The schedule is saved.");

        var schedule = (await api.Queue.GetScheduleAsync("q", "nightly", CancellationToken.None))!.Schedule!;
        schedule.Should().BeEquivalentTo(new
        {
            Cron = "30 4 * * 1-5",
            TimeZone = "Europe/Berlin",
            Misfire = MisfirePolicy.Skip,
            MisfireGrace = TimeSpan.FromSeconds(90),
            Overlap = ScheduleOverlap.Skip,
            Job = new { Type = "report", Lane = Lane.High, Tracked = true, Tags = new[] { "a", "b" } },
        });
        var again = await visitor.PostAsync("/queues/q/new-schedule", [.. fields, ("act", "save"), ("shown", "30 4 * * 1-5 Europe/Berlin")]);
        again.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await again.Content.ReadAsStringAsync()).Should().Contain("There is a schedule of this name already.");
        (await visitor.ReadAsync("/audit")).Should().Contain("POST /queues/{queue}/new-schedule").And.Contain("nightly");
    }

    [Fact]
    public async Task A_schedule_is_changed_and_what_the_form_does_not_show_stays()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        var job = DashboardJobs.Request("{\"to\":\"ada\",\"secret\":\"s3\"}") with
        {
            Tracked = false,
            Concurrency = new JobConcurrency("k", 2),
            Retry = new RetryPolicy { MaxAttempts = 7, Backoff = BackoffKind.Custom, Delays = [TimeSpan.FromSeconds(9)] },
        };
        await api.Queue.PutScheduleAsync(new JobSchedule { Name = "nightly", Cron = "@daily", Job = job }, CancellationToken.None);
        var page = await visitor.ReadAsync("/queues/q/schedules/nightly");
        page.Should().Contain("value=\"@daily\"").And.Contain("value=\"7\"").And.NotContain("s3");
        var payload = WebUtility.HtmlDecode(System.Text.RegularExpressions.Regex.Match(page, "<textarea[^>]*>([^<]*)</textarea>", default, TimeSpan.FromSeconds(1)).Groups[1].Value);
        (string, string)[] fields =
        [
            ("cron", "@hourly"), ("timeZone", "UTC"), ("type", "report"), ("misfire", "fireOnce"), ("overlap", "allow"), ("maxAttempts", "3"),
            ("act", "save"), ("shown", "@hourly UTC"), ("seen", SeenOn(page)),
        ];

        (await visitor.SubmitAsync("/queues/q/schedules/nightly", [.. fields, ("payload", payload.Replace("ada", "bob", StringComparison.Ordinal))])).Should().Contain("The schedule is saved.");

        var schedule = (await api.Queue.GetScheduleAsync("q", "nightly", CancellationToken.None))!.Schedule!;
        schedule.Cron.Should().Be("@hourly");
        Encoding.UTF8.GetString(schedule.Job.Payload.Span).Should().Be("{\"to\":\"bob\",\"secret\":\"s3\"}");
        schedule.Job.Should().BeEquivalentTo(new { Type = "report", Tracked = false, job.Concurrency, Retry = job.Retry with { MaxAttempts = 3 } });
        (await visitor.ReadAsync("/queues/q/schedules/none", HttpStatusCode.NotFound)).Should().Contain("schedule");
    }

    [Fact]
    public async Task Tags_with_commas_stay_whole_where_they_are_left_as_they_are_shown()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        await api.Queue.PutScheduleAsync(
            new JobSchedule { Name = "nightly", Cron = "@daily", Job = DashboardJobs.Request() with { Tags = ["a, b", "c"] } }, CancellationToken.None);
        (await visitor.ReadAsync("/queues/q/schedules/nightly")).Should().Contain("value=\"a, b, c\"");

        (await SaveAsync("a, b, c")).Should().Equal("a, b", "c");
        (await SaveAsync("a, b, d")).Should().Equal("a", "b", "d");

        async Task<IReadOnlyList<string>> SaveAsync(string tags)
        {
            var page = await visitor.SubmitAsync(
                "/queues/q/schedules/nightly", ("cron", "@hourly"), ("timeZone", "UTC"), ("type", "email.send"), ("payload", "{}"), ("misfire", "fireOnce"), ("overlap", "allow"),
                ("tags", tags), ("act", "save"), ("shown", "@hourly UTC"), ("seen", SeenOn(await visitor.ReadAsync("/queues/q/schedules/nightly"))));
            page.Should().Contain("The schedule is saved.");
            return (await api.Queue.GetScheduleAsync("q", "nightly", CancellationToken.None))!.Schedule!.Job.Tags;
        }
    }

    [Fact]
    public async Task A_schedule_that_was_changed_meanwhile_is_not_overwritten()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        var schedule = new JobSchedule { Name = "nightly", Cron = "@daily", Job = DashboardJobs.Request("""{"to":"ada","secret":"s3"}""") };
        await api.Queue.PutScheduleAsync(schedule, CancellationToken.None);
        var payload = new PayloadMask(["secret"]).Show(schedule.Job.Payload)!;
        (string, string)[] fields =
        [
            ("cron", "@hourly"), ("timeZone", "UTC"), ("type", "email.send"), ("payload", payload), ("misfire", "fireOnce"), ("overlap", "allow"),
            ("act", "save"), ("shown", "@hourly UTC"), ("seen", SeenOn(await visitor.ReadAsync("/queues/q/schedules/nightly"))),
        ];
        await api.Queue.PutScheduleAsync(schedule with { TimeZone = "Europe/Berlin" }, CancellationToken.None);

        foreach (var sent in new[] { fields, [.. fields.Where(field => field.Item1 != "seen")], [.. fields.Where(field => field.Item1 != "act")] })
        {
            var response = await visitor.PostAsync("/queues/q/schedules/nightly", sent);
            response.StatusCode.Should().Be(HttpStatusCode.Conflict);
            (await response.Content.ReadAsStringAsync()).Should().Contain("was changed since this form was opened").And.Contain("value=\"@hourly\"");
        }

        (await api.Queue.GetScheduleAsync("q", "nightly", CancellationToken.None))!.Schedule!.Should().BeEquivalentTo(new { Cron = "@daily", TimeZone = "Europe/Berlin" });

        // What is masked is not shown, and another value of it is no less a change.
        await api.Queue.PutScheduleAsync(schedule with { Job = DashboardJobs.Request("""{"to":"ada","secret":"s4"}""") }, CancellationToken.None);
        (await visitor.PostAsync("/queues/q/schedules/nightly", fields)).StatusCode.Should().Be(HttpStatusCode.Conflict);
        fields[^1] = ("seen", SeenOn(await visitor.ReadAsync("/queues/q/schedules/nightly")));
        (await visitor.SubmitAsync("/queues/q/schedules/nightly", [.. fields, ("maxAttempts", "5"), ("priority", "normal")])).Should().Contain("The schedule is saved.");
        Encoding.UTF8.GetString((await api.Queue.GetScheduleAsync("q", "nightly", CancellationToken.None))!.Schedule!.Job.Payload.Span).Should().Be("""{"to":"ada","secret":"s4"}""");
    }

    [Fact]
    public async Task A_schedule_that_is_changed_while_it_is_saved_is_not_overwritten()
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        var schedule = new JobSchedule { Name = "nightly", Cron = "@daily", Job = DashboardJobs.Request() };
        await api.Queue.PutScheduleAsync(schedule, CancellationToken.None);
        (string, string)[] fields =
        [
            ("cron", "@hourly"), ("timeZone", "UTC"), ("type", "email.send"), ("payload", "1"), ("misfire", "fireOnce"), ("overlap", "allow"),
            ("act", "save"), ("shown", "@hourly UTC"), ("seen", SeenOn(await visitor.ReadAsync("/queues/q/schedules/nightly"))),
        ];
        api.Queue.OnScheduleRead = async () =>
        {
            api.Queue.OnScheduleRead = () => Task.CompletedTask;
            await api.Queue.PutScheduleAsync(schedule with { TimeZone = "Europe/Berlin" }, CancellationToken.None);
        };

        (await visitor.PostAsync("/queues/q/schedules/nightly", fields)).StatusCode.Should().Be(HttpStatusCode.Conflict);

        (await api.Queue.GetScheduleAsync("q", "nightly", CancellationToken.None))!.Schedule!.Should().BeEquivalentTo(new { Cron = "@daily", TimeZone = "Europe/Berlin" });
    }

    [Theory]
    [InlineData("name", "a b", "name")]
    [InlineData("cron", "soon", "cron")]
    [InlineData("cron", "61 * * * *", "cron")]
    [InlineData("timeZone", "Europe/Nowhere", "timeZone")]
    [InlineData("graceSeconds", "x", "graceSeconds")]
    [InlineData("type", "", "type")]
    [InlineData("payload", "{", "payload")]
    public async Task A_wrong_field_of_a_schedule_is_said(string field, string value, string named)
    {
        await using var api = new TestApi();
        var visitor = await Visitor.LoggedInAsync(api);
        var fields = new Dictionary<string, string>
        {
            ["name"] = "n", ["cron"] = "@daily", ["timeZone"] = "UTC", ["type"] = "t", ["misfire"] = "fireOnce", ["overlap"] = "allow", [field] = value,
        };
        var response = await visitor.PostAsync("/queues/q/new-schedule", [.. fields.Select(f => (f.Key, f.Value))]);
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync()).Should().Contain("role=\"alert\"").And.MatchRegex($"id=\"{named}\"[^>]*aria-invalid=\"true\"");
        (await api.Queue.ListSchedulesAsync("q", null, 10, CancellationToken.None)).Should().BeEmpty();
    }

    private static string PlaceOn(string page) => WebUtility.HtmlDecode(
        System.Text.RegularExpressions.Regex.Match(page, "name=\"place\" value=\"([^\"]*)\"", default, TimeSpan.FromSeconds(1)).Groups[1].Value);

    private static string BeforeOn(string page) =>
        System.Text.RegularExpressions.Regex.Match(page, "name=\"before\" value=\"([^\"]*)\"", default, TimeSpan.FromSeconds(1)).Groups[1].Value;

    private static string SeenOn(string page) =>
        System.Text.RegularExpressions.Regex.Match(page, "name=\"seen\" value=\"([0-9a-f]+)\"", default, TimeSpan.FromSeconds(1)).Groups[1].Value;

    private static async Task BuryAllAsync(FaultyQueue jobs, string type, int count)
    {
        await jobs.EnqueueAsync([.. Enumerable.Repeat(DashboardJobs.Request() with { Type = type, Tracked = false }, count)], CancellationToken.None);
        await using var consumer = await jobs.OpenAsync("q");
        for (var left = count; left > 0;)
        {
            var leases = await consumer.FetchAsync(left, CancellationToken.None);
            await consumer.BuryAsync([.. leases.Select(lease => new JobBurial(lease, DeadLetterReasons.Unrecoverable, "boom"))], CancellationToken.None);
            left -= leases.Count;
        }
    }
}
