using System.Diagnostics;
using System.Net;
using System.Text;
using K8sQueue.Client;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Schedules;
using K8sQueue.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace K8sQueue.Api.Tests.Client;

public sealed class K8sQueueClientTests
{
    private static readonly JobRequest Email = new() { Queue = "emails", Type = "email.send", Tracked = true, Payload = """{"to": "ada@example.org"}"""u8.ToArray() };

    [Fact]
    public async Task A_job_is_enqueued_read_and_waited_for_until_its_result_is_there()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        using var sut = new ClientUnderTest(api);
        var job = await sut.Client.EnqueueAsync(Email);
        job.IsDuplicate.Should().BeFalse();
        (await sut.Client.GetAsync(job))!.State.Should().Be(JobState.Waiting);

        var waiting = sut.Client.WaitAsync(job, TimeSpan.FromSeconds(30));
        await using var consumer = await queue.OpenConsumerAsync(new JobConsumerOptions { Queues = ["emails"], Name = "w" }, CancellationToken.None);
        var lease = (await consumer.FetchAsync(1, CancellationToken.None)).Should().ContainSingle().Subject;
        Encoding.UTF8.GetString(lease.Job.Payload.Span).Should().Be("""{"to": "ada@example.org"}""", "the handler gets the very bytes");
        await consumer.CompleteAsync([new JobCompletion(lease, """{"sent": 3}"""u8.ToArray())], CancellationToken.None);
        var record = await waiting;
        record.State.Should().Be(JobState.Completed);
        record.Consumer.Should().Be("w");
        record.ReadResult(TestJsonContext.Default.Sent).Should().Be(new Sent(3));
    }

    [Fact]
    public async Task A_job_that_does_not_end_in_time_is_a_time_out_and_its_result_can_not_be_read()
    {
        var (api, _) = await KestrelApi.StartAsync();
        await using var running = api;
        using var sut = new ClientUnderTest(api);
        var job = await sut.Client.EnqueueAsync(Email);
        await sut.Client.Awaiting(client => client.WaitAsync(job, TimeSpan.FromMilliseconds(200))).Should().ThrowAsync<TimeoutException>();
        var record = await sut.Client.GetAsync(job);
        record!.Invoking(r => r.ReadResult(TestJsonContext.Default.Sent)).Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public async Task A_job_is_cancelled_and_one_that_is_unknown_is_null()
    {
        var (api, _) = await KestrelApi.StartAsync();
        await using var running = api;
        using var sut = new ClientUnderTest(api);
        var job = await sut.Client.EnqueueAsync(Email with { Delay = TimeSpan.FromHours(1) });
        (await sut.Client.CancelAsync(job)).Should().Be(CancelOutcome.Cancelled);
        (await sut.Client.WaitAsync(job)).State.Should().Be(JobState.Cancelled);
        var unknown = JobId.Create("emails", tracked: true, TimeProvider.System);
        (await sut.Client.GetAsync(unknown)).Should().BeNull();
        (await sut.Client.CancelAsync(unknown)).Should().Be(CancelOutcome.NotFound);
    }

    [Fact]
    public async Task A_job_that_has_ended_runs_again_or_is_deleted_and_what_can_not_be_is_said()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        using var sut = new ClientUnderTest(api);
        var job = (await sut.Client.EnqueueAsync(Email)).Id;
        (await sut.Client.RetryAsync(job)).Should().Be(RerunOutcome.NotEnded);
        (await sut.Client.DeleteAsync(job)).Should().Be(DeleteOutcome.NotEnded);
        await sut.Client.CancelAsync(job);
        (await sut.Client.RetryAsync(job)).Should().Be(RerunOutcome.Enqueued);
        await using (var consumer = await queue.OpenConsumerAsync(new JobConsumerOptions { Queues = ["emails"], Name = "w" }, CancellationToken.None))
            await consumer.CompleteAsync([new JobCompletion((await consumer.FetchAsync(1, CancellationToken.None)).Single())], CancellationToken.None);
        (await sut.Client.RetryAsync(job)).Should().Be(RerunOutcome.NotKept);
        (await sut.Client.DeleteAsync(job)).Should().Be(DeleteOutcome.Deleted);
        (await sut.Client.RetryAsync(job)).Should().Be(RerunOutcome.NotFound);
        (await sut.Client.DeleteAsync(job)).Should().Be(DeleteOutcome.NotFound);
    }

    [Fact]
    public async Task Jobs_are_found_page_by_page_counted_and_cancelled_though_answers_are_lost()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        using var sut = new ClientUnderTest(api);
        var ids = await queue.EnqueueAsync(
            [.. Enumerable.Range(0, 250).Select(i => Email with { Type = i % 5 == 0 ? "odd one" : "t", Tags = ["a&b"], Delay = TimeSpan.FromHours(1) })], CancellationToken.None);
        var filter = new JobFilter(JobState.Delayed) { Tag = "a&b", Before = TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(1) };
        var found = await sut.Client.FindAsync("emails", filter).ToListAsync();
        found.Select(job => job.Id).Should().BeEquivalentTo(ids.Select(job => job.Id));
        found.Should().OnlyContain(job => job.DueAt > job.EnqueuedAt && job.State == JobState.Delayed);
        sut.Sent.Should().HaveCount(3);

        var odd = filter with { Type = "odd one" };
        (await sut.Client.CountToCancelAsync("emails", odd)).Should().Be(50);
        sut.AnswersToLose = 1;
        (await sut.Client.CancelAllAsync("emails", odd)).Should().Be(new JobActionResult(0, 0, 0), "what was done without an answer is not counted");
        (await sut.Client.CancelAllAsync("emails", filter)).Should().Be(new JobActionResult(200, 0, 0));
        (await sut.Client.DeleteAllAsync("emails", new JobFilter(JobState.Cancelled) { Type = "t" })).Should().Be(new JobActionResult(200, 0, 0));
        (await sut.Client.RetryAllAsync("emails", new JobFilter(JobState.Cancelled))).Should().Be(new JobActionResult(50, 0, 0));
        (await sut.Client.Awaiting(client => client.RetryAllAsync("emails", filter)).Should().ThrowAsync<K8sQueueRefusedException>()).Which.Field.Should().Be("state");
    }

    [Fact]
    public async Task An_enqueue_whose_answer_is_lost_is_repeated_and_the_job_is_there_once()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        using var sut = new ClientUnderTest(api);
        sut.AnswersToLose = 2;
        var job = await sut.Client.EnqueueAsync(Email);
        sut.Sent.Should().HaveCount(3);
        sut.Sent.Select(request => request.Key).Distinct().Should().ContainSingle().Which.Should().NotBeNullOrEmpty();
        (await queue.FetchAsync("emails")).Should().ContainSingle().Which.Job.Id.Should().Be(job.Id);

        var mine = await sut.Client.EnqueueAsync(Email, idempotencyKey: "order-17");
        (await sut.Client.EnqueueAsync(Email, idempotencyKey: "order-17")).Id.Should().Be(mine.Id);
        sut.Sent[^1].Key.Should().Be("order-17");
        (await sut.Client.Awaiting(client => client.EnqueueAsync(Email with { Type = "other" }, idempotencyKey: "order-17"))
            .Should().ThrowAsync<K8sQueueRefusedException>()).Which.ProblemType.Should().Be("idempotency-key-reused");
    }

    [Fact]
    public async Task What_has_no_idempotency_key_is_repeated_only_where_its_deduplication_key_is_held_for_a_time()
    {
        var (api, _) = await KestrelApi.StartAsync();
        await using var running = api;
        using var sut = new ClientUnderTest(
            api, options => (options.MaxRetries, options.AttemptTimeout, options.MaxRetryDelay) = (2, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5)));
        sut.AnswersToLose = 1;
        var job = await sut.Client.EnqueueAsync(Email with { Deduplication = new JobDeduplication("a", TimeSpan.FromMinutes(1)) });
        job.IsDuplicate.Should().BeTrue("of itself");
        sut.Sent.Should().HaveCount(2).And.OnlyContain(request => request.Key == null);

        sut.AnswersToLose = 1;
        var untilDone = Email with { Deduplication = new JobDeduplication("b", UntilDone: true) };
        await sut.Client.Awaiting(client => client.EnqueueAsync(untilDone)).Should().ThrowAsync<K8sQueueUnavailableException>();
        sut.Sent.Should().HaveCount(3);
        await sut.Client.Awaiting(client => client.EnqueueAsync(untilDone, idempotencyKey: "k")).Should().ThrowAsync<ArgumentException>();

        sut.AnswersToLose = 1;
        var shortly = Email with { Deduplication = new JobDeduplication("c", TimeSpan.FromSeconds(39)) };
        await sut.Client.Awaiting(client => client.EnqueueAsync(shortly)).Should().ThrowAsync<K8sQueueUnavailableException>("the last attempt may come 40 seconds later");
        sut.Sent.Should().HaveCount(4);

        using var sparing = new ClientUnderTest(api, options => options.IdempotencyKeys = false);
        sparing.AnswersToLose = 1;
        await sparing.Client.Awaiting(client => client.EnqueueAsync(Email)).Should().ThrowAsync<K8sQueueUnavailableException>();
        sparing.Sent.Should().ContainSingle().Which.Key.Should().BeNull();
    }

    [Fact]
    public async Task A_broker_that_is_back_in_a_moment_is_not_noticed_and_one_that_is_not_is_an_exception()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        using var sut = new ClientUnderTest(api, options => options.MaxRetries = 1);
        queue.EnqueueFault = call => call == 1 ? new JobQueueUnavailableException("Redis does not answer.") : null;
        await sut.Client.EnqueueAsync(Email);
        sut.Sent.Should().HaveCount(2);

        queue.Fault = () => new JobQueueUnavailableException("Redis does not answer.");
        var thrown = (await sut.Client.Awaiting(client => client.EnqueueAsync(Email)).Should().ThrowAsync<K8sQueueUnavailableException>()).Which;
        thrown.Status.Should().Be(HttpStatusCode.ServiceUnavailable);
        thrown.ProblemType.Should().Be("broker-unavailable");
        thrown.RetryAfter.Should().Be(TimeSpan.FromSeconds(1));
        thrown.Message.Should().Contain("Redis does not answer.");
        sut.Sent.Should().HaveCount(4);

        queue.Fault = () => new JobQueueFullException("Redis is at its maxmemory.");
        await sut.Client.Awaiting(client => client.EnqueueAsync(Email)).Should().ThrowAsync<K8sQueueUnavailableException>();
        sut.Sent.Should().HaveCount(5, "a full broker is still full in a moment");
    }

    [Fact]
    public async Task An_API_that_is_not_there_or_says_nothing_is_unavailable()
    {
        using var nobody = new ClientUnderTest(options =>
        {
            options.Address = new Uri($"http://127.0.0.1:{FreePort.Next()}");
            options.MaxRetries = 2;
        });
        (await nobody.Client.Awaiting(client => client.EnqueueAsync(Email)).Should().ThrowAsync<K8sQueueUnavailableException>())
            .WithInnerException<HttpRequestException>();
        nobody.Sent.Should().HaveCount(3);

        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        queue.Hold = new TaskCompletionSource();
        using var sut = new ClientUnderTest(api, options => (options.AttemptTimeout, options.MaxRetries) = (TimeSpan.FromMilliseconds(200), 0));
        (await sut.Client.Awaiting(client => client.EnqueueAsync(Email)).Should().ThrowAsync<K8sQueueUnavailableException>())
            .WithInnerException<TimeoutException>();
        queue.Hold.SetResult();
    }

    [Fact]
    public async Task A_caller_that_leaves_is_no_fault_of_the_API()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        queue.Hold = new TaskCompletionSource();
        using var sut = new ClientUnderTest(api);
        using var leaving = new CancellationTokenSource();
        var left = sut.Client.EnqueueAsync(Email, cancellationToken: leaving.Token);
        await Eventually.IsTrue(() => queue.Enqueues > 0);
        await leaving.CancelAsync();
        await FluentActions.Awaiting(() => left).Should().ThrowAsync<OperationCanceledException>();
        queue.Hold.SetResult();
    }

    [Fact]
    public async Task What_is_wrong_is_an_exception_that_says_what()
    {
        var (api, _) = await KestrelApi.StartAsync();
        await using var running = api;
        using var sut = new ClientUnderTest(api);
        var refused = (await sut.Client.Awaiting(client => client.EnqueueAsync(Email with { Tags = [""] })).Should().ThrowAsync<K8sQueueRefusedException>()).Which;
        (refused.ProblemType, refused.Field).Should().Be(("invalid-job", "tags"));
        refused.Detail.Should().StartWith("'tags' must hold");
        await sut.Client.Awaiting(client => client.EnqueueAsync(Email with { Payload = "{"u8.ToArray() })).Should().ThrowAsync<ArgumentException>();

        var untracked = await sut.Client.EnqueueAsync(Email with { Tracked = false });
        (await sut.Client.Awaiting(client => client.GetAsync(untracked)).Should().ThrowAsync<K8sQueueNotFoundException>())
            .Which.ProblemType.Should().Be("job-not-tracked");

        using var stranger = new ClientUnderTest(api, options => options.ApiKey = "k8sq_wrong");
        (await stranger.Client.Awaiting(client => client.EnqueueAsync(Email)).Should().ThrowAsync<K8sQueueAccessException>())
            .Which.Status.Should().Be(HttpStatusCode.Unauthorized);
        stranger.Sent.Should().ContainSingle("a key that is wrong stays wrong");
    }

    [Fact]
    public async Task The_callers_trace_goes_on_in_the_job()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        using var sut = new ClientUnderTest(api);
        using var activity = new Activity("order").SetIdFormat(ActivityIdFormat.W3C).Start();
        await sut.Client.EnqueueAsync(Email);
        const string Given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await sut.Client.EnqueueAsync(Email with { TraceParent = Given });
        var leases = await queue.FetchAsync("emails");
        leases[0].Job.TraceParent.Should().StartWith($"00-{activity.TraceId}-");
        leases[1].Job.TraceParent.Should().Be(Given);
    }

    [Fact]
    public async Task Schedules_are_made_read_paused_triggered_and_deleted()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        using var sut = new ClientUnderTest(api);
        var schedule = new JobSchedule { Name = "daily", Cron = "30 4 * * *", TimeZone = "Europe/Berlin", Misfire = MisfirePolicy.FireAll, Job = Email };
        (await sut.Client.PutScheduleAsync(schedule)).Should().BeTrue();
        (await sut.Client.PutScheduleAsync(schedule with { Cron = "0 5 * * *" })).Should().BeFalse("it was there");
        var record = await sut.Client.GetScheduleAsync("emails", "daily");
        (record!.Cron, record.Misfire, record.State).Should().Be(("0 5 * * *", MisfirePolicy.FireAll, ScheduleState.Active));
        (await sut.Client.SetSchedulePausedAsync("emails", "daily", paused: true)).Should().BeTrue();
        (await sut.Client.GetScheduleAsync("emails", "daily"))!.State.Should().Be(ScheduleState.Paused);
        (await sut.Client.TriggerScheduleAsync("emails", "daily")).Should().NotBeNull();
        (await queue.FetchAsync("emails")).Should().ContainSingle();
        (await sut.Client.DeleteScheduleAsync("emails", "daily")).Should().BeTrue();
        (await sut.Client.DeleteScheduleAsync("emails", "daily")).Should().BeFalse();
        (await sut.Client.GetScheduleAsync("emails", "daily")).Should().BeNull();
        (await sut.Client.TriggerScheduleAsync("emails", "daily")).Should().BeNull();
    }

    [Fact]
    public async Task A_schedule_is_added_once_and_replaced_or_deleted_only_where_it_is_the_one_that_was_read()
    {
        var (api, _) = await KestrelApi.StartAsync();
        await using var running = api;
        using var sut = new ClientUnderTest(api);
        var schedule = new JobSchedule { Name = "daily", Cron = "30 4 * * *", Job = Email };
        (await sut.Client.AddScheduleAsync(schedule)).Should().BeTrue();
        (await sut.Client.AddScheduleAsync(schedule with { Cron = "@hourly" })).Should().BeFalse();
        var read = (await sut.Client.GetScheduleAsync("emails", "daily"))!;
        (await sut.Client.ReplaceScheduleAsync(schedule with { Cron = "0 5 * * *" }, read.ETag!)).Should().BeTrue();
        (await sut.Client.ReplaceScheduleAsync(schedule with { Cron = "0 6 * * *" }, read.ETag!)).Should().BeFalse("it was changed since");
        (await sut.Client.DeleteScheduleAsync("emails", "daily", read.ETag!)).Should().BeFalse();
        var replaced = (await sut.Client.GetScheduleAsync("emails", "daily"))!;
        replaced.Cron.Should().Be("0 5 * * *");
        (await sut.Client.DeleteScheduleAsync("emails", "daily", replaced.ETag!)).Should().BeTrue();
        (await sut.Client.GetScheduleAsync("emails", "daily")).Should().BeNull();
        (await sut.Client.DeleteScheduleAsync("emails", "daily", replaced.ETag!)).Should().BeFalse();
    }

    [Fact]
    public async Task A_404_that_is_not_of_the_job_or_the_schedule_says_nothing_of_them()
    {
        var (api, _) = await KestrelApi.StartAsync();
        await using var running = api;
        using var sut = new ClientUnderTest(api, options => options.Address = new Uri(api.Address, "elsewhere/"));
        var id = JobId.Create("emails", tracked: true, TimeProvider.System);
        Func<K8sQueueClient, Task>[] calls =
        [
            client => client.GetAsync(id), client => client.CancelAsync(id), client => client.RetryAsync(id), client => client.DeleteAsync(id),
            client => client.GetScheduleAsync("emails", "daily"), client => client.DeleteScheduleAsync("emails", "daily"),
            client => client.SetSchedulePausedAsync("emails", "daily", paused: true), client => client.TriggerScheduleAsync("emails", "daily"),
        ];
        foreach (var call in calls)
            (await sut.Client.Awaiting(call).Should().ThrowAsync<K8sQueueNotFoundException>()).Which.ProblemType.Should().Be("not-found");
    }

    [Fact]
    public async Task A_queue_is_drained_in_requests_until_nothing_waits()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        using var sut = new ClientUnderTest(api);
        await queue.EnqueueAsync([.. Enumerable.Repeat(Email with { Tracked = false }, 2500), Email with { Delay = TimeSpan.FromHours(1) }], CancellationToken.None);

        (await sut.Client.CountToDrainAsync("emails", delayed: true)).Should().Be(2501);
        (await sut.Client.DrainAsync("emails")).Should().Be(2500);
        sut.Sent.Should().HaveCount(4);
        (await sut.Client.DrainAsync("emails")).Should().Be(0);
        (await sut.Client.DrainAsync("emails", delayed: true)).Should().Be(1);
    }

    [Fact]
    public async Task Dead_letters_are_counted_redriven_and_deleted_by_their_filter_however_many_there_are()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        using var sut = new ClientUnderTest(api);
        await queue.EnqueueAsync([.. Enumerable.Range(0, 2400).Select(i => Email with { Tracked = false, Type = i % 2 == 0 ? "a&b" : "other" })], CancellationToken.None);
        await using var consumer = await queue.OpenConsumerAsync(new JobConsumerOptions { Queues = ["emails"], Name = "w" }, CancellationToken.None);
        var leases = await consumer.FetchAsync(2400, CancellationToken.None);
        await consumer.BuryAsync([.. leases.Select(lease => new JobBurial(lease, DeadLetterReasons.Unrecoverable, "boom"))], CancellationToken.None);
        var filter = new DeadLetterFilter { Type = "a&b", Reason = DeadLetterReasons.Unrecoverable, Before = TimeProvider.System.GetUtcNow().AddMinutes(1) };

        (await sut.Client.CountDeadLettersAsync("emails", filter)).Should().Be(1200);
        (await sut.Client.RedriveAllAsync("emails", filter)).Should().Be((1200, 0));
        sut.Sent.Should().HaveCount(4);
        (await sut.Client.DeleteDeadLettersAsync("emails", new DeadLetterFilter { Error = "BOOM" })).Should().Be(1200);
        (await sut.Client.Awaiting(client => client.DeleteDeadLettersAsync("emails", new DeadLetterFilter())).Should().ThrowAsync<K8sQueueRefusedException>())
            .Which.ProblemType.Should().Be("invalid-parameter");
    }

    [Fact]
    public void Options_that_are_wrong_are_all_named()
    {
        var services = new ServiceCollection();
        services.AddK8sQueueClient(options => (options.MaxRetries, options.BulkRequestJobs) = (-1, 0));
        using var provider = services.BuildServiceProvider();
        provider.Invoking(p => p.GetRequiredService<IOptions<K8sQueueClientOptions>>().Value).Should().Throw<OptionsValidationException>()
            .Which.Failures.Should().SatisfyRespectively(
                fault => fault.Should().StartWith("Address is missing"),
                fault => fault.Should().StartWith("MaxRetries must be"),
                fault => fault.Should().StartWith("BulkRequestJobs must be"));
    }
}
