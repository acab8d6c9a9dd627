using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Schedules;
using K8sQueue.Testing;

namespace K8sQueue.Core.Tests.Compliance;

public abstract partial class JobQueueCompliance
{
    private const string EverySecond = "* * * * * ?";
    private const string Yearly = "0 0 1 1 *";

    [Fact]
    public async Task A_schedule_is_what_was_put()
    {
        var schedule = Schedule("nightly.report", "30 4 * * 1-5") with
        {
            TimeZone = "Europe/Berlin",
            Misfire = MisfirePolicy.Skip,
            MisfireGrace = TimeSpan.FromMinutes(5),
            Job = Request("""{"größe": 1.0}""", Lane.High, tracked: true) with
            {
                Retry = new RetryPolicy { MaxAttempts = 7, Backoff = BackoffKind.Fixed, Delay = TimeSpan.FromSeconds(3) },
                Timeout = TimeSpan.FromMinutes(2),
                Tags = ["a,b", "c|d"],
                Concurrency = new JobConcurrency("reports", 2),
                Deduplication = new JobDeduplication("once", TimeSpan.FromHours(1)),
                Retention = TimeSpan.FromMinutes(9),
            },
        };
        (await Jobs.PutScheduleAsync(schedule, Bound)).Should().BeTrue("it is new");

        var status = await ScheduleAsync(schedule.Name);
        status.Should().BeEquivalentTo(new
        {
            Queue,
            schedule.Name,
            State = ScheduleState.Active,
            LastFireAt = (DateTimeOffset?)null,
            LastJob = (JobId?)null,
            Problem = (string?)null,
        });
        status.NextFireAt.Should().BeAfter(DateTimeOffset.UnixEpoch).And.BeExactly(status.NextFireAt!.Value.ToUniversalTime());
        status.NextFireAt.Value.Minute.Should().Be(30);
        status.Schedule.Should().BeEquivalentTo(schedule, o => o.Excluding(s => s.Job.Payload));
        Text(status.Schedule!.Job.Payload).Should().Be("""{"größe": 1.0}""");
        (await Jobs.ListQueuesAsync(Bound)).Should().Contain(Queue, "somebody has to look after it");
        (await Jobs.GetScheduleAsync(Queue, "other", Bound)).Should().BeNull();
    }

    [Fact]
    public async Task A_schedule_is_changed_only_where_it_is_as_the_condition_asks_for()
    {
        var schedule = Schedule("s", Yearly);
        (await PutAsync(ScheduleCondition.Present)).Should().Be(SchedulePutOutcome.Conflict);
        (await PutAsync(ScheduleCondition.OneOf("x"))).Should().Be(SchedulePutOutcome.Conflict);
        (await Jobs.ListQueuesAsync(Bound)).Should().NotContain(Queue, "what is refused makes no queue");
        (await DeleteAsync(ScheduleCondition.OneOf("x"))).Should().Be(ScheduleDeleteOutcome.NotFound);
        (await PutAsync(ScheduleCondition.Absent)).Should().Be(SchedulePutOutcome.Created);
        (await PutAsync(ScheduleCondition.Absent)).Should().Be(SchedulePutOutcome.Conflict);
        (await PutAsync(ScheduleCondition.Present)).Should().Be(SchedulePutOutcome.Replaced);

        var first = (await ScheduleAsync("s")).Revision;
        schedule = Schedule("s", EverySecond);
        (await PutAsync(ScheduleCondition.OneOf("x", first))).Should().Be(SchedulePutOutcome.Replaced);
        (await PutAsync(ScheduleCondition.OneOf(first))).Should().Be(SchedulePutOutcome.Conflict);
        (await DeleteAsync(ScheduleCondition.OneOf(first))).Should().Be(ScheduleDeleteOutcome.Conflict);
        (await ScheduleAsync("s")).Schedule!.Cron.Should().Be(EverySecond);

        var second = (await ScheduleAsync("s")).Revision;
        await Eventually.IsTrue(async () => (await Jobs.MaintainAsync(Queue, Bound)).Fired > 0);
        (await ScheduleAsync("s")).Revision.Should().Be(second, "it only fired");
        (await Jobs.SetSchedulePausedAsync(Queue, "s", true, Bound)).Should().BeTrue();
        (await PutAsync(ScheduleCondition.OneOf(second))).Should().Be(SchedulePutOutcome.Conflict, "it was paused");
        var third = (await ScheduleAsync("s")).Revision;
        (await Jobs.SetSchedulePausedAsync(Queue, "s", true, Bound)).Should().BeTrue();
        (await ScheduleAsync("s")).Revision.Should().Be(third, "it was paused already");

        (await DeleteAsync(ScheduleCondition.OneOf(third))).Should().Be(ScheduleDeleteOutcome.Deleted);
        (await PutAsync(ScheduleCondition.OneOf(third))).Should().Be(SchedulePutOutcome.Conflict);
        (await PutAsync(null)).Should().Be(SchedulePutOutcome.Created);
        (await DeleteAsync(ScheduleCondition.OneOf(third))).Should().Be(ScheduleDeleteOutcome.Conflict, "another one of its name is not the one that was meant");

        ValueTask<SchedulePutOutcome> PutAsync(ScheduleCondition? condition) => Jobs.PutScheduleAsync(schedule, condition, Bound);

        ValueTask<ScheduleDeleteOutcome> DeleteAsync(ScheduleCondition? condition) => Jobs.DeleteScheduleAsync(Queue, "s", condition, Bound);
    }

    [Fact]
    public async Task Of_many_who_change_a_schedule_that_they_have_read_one_does()
    {
        await Jobs.PutScheduleAsync(Schedule("s", Yearly), Bound);
        for (var turn = 0; turn < 5; turn++)
        {
            var seen = ScheduleCondition.OneOf((await ScheduleAsync("s")).Revision);
            var puts = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
                Jobs.PutScheduleAsync(Schedule("s", Yearly) with { Job = Request($"{i}") }, seen, Bound).AsTask()));
            puts.Count(outcome => outcome == SchedulePutOutcome.Replaced).Should().Be(1);
            Text((await ScheduleAsync("s")).Schedule!.Job.Payload).Should().Be($"{Array.IndexOf(puts, SchedulePutOutcome.Replaced)}");
        }

        var last = ScheduleCondition.OneOf((await ScheduleAsync("s")).Revision);
        var change = Jobs.PutScheduleAsync(Schedule("s", EverySecond), last, Bound).AsTask();
        var deletes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Jobs.DeleteScheduleAsync(Queue, "s", last, Bound).AsTask()));
        var isChanged = await change == SchedulePutOutcome.Replaced;
        deletes.Count(outcome => outcome == ScheduleDeleteOutcome.Deleted).Should().Be(isChanged ? 0 : 1);
        (await Jobs.GetScheduleAsync(Queue, "s", Bound) is not null).Should().Be(isChanged);
    }

    [Fact]
    public async Task Schedules_are_listed_by_name_and_deleted()
    {
        foreach (var name in new[] { "b", "a", "c.1", "c" })
            await Jobs.PutScheduleAsync(Schedule(name, Yearly), Bound);

        (await Jobs.ListSchedulesAsync(Queue, null, 3, Bound)).Select(s => s.Name).Should().Equal("a", "b", "c");
        (await Jobs.ListSchedulesAsync(Queue, "b", 3, Bound)).Select(s => s.Name).Should().Equal("c", "c.1");
        (await Jobs.DeleteScheduleAsync(Queue, "b", Bound)).Should().BeTrue();
        (await Jobs.DeleteScheduleAsync(Queue, "b", Bound)).Should().BeFalse();
        (await Jobs.ListSchedulesAsync(Queue, null, 10, Bound)).Select(s => s.Name).Should().Equal("a", "c", "c.1");
        (await Jobs.ListSchedulesAsync($"{Queue}-other", null, 10, Bound)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_due_schedule_enqueues_its_job_which_knows_when_it_was_due()
    {
        await Jobs.PutScheduleAsync(Schedule("tick", EverySecond) with { Job = Request("{\"n\":1}", tracked: true) }, Bound);
        var due = (await ScheduleAsync("tick")).NextFireAt;

        await MaintainUntilAsync(r => r.Fired >= 1);
        await Jobs.DeleteScheduleAsync(Queue, "tick", Bound);

        var consumer = await OpenAsync();
        var lease = await FetchOneAsync(consumer);
        Text(lease.Job.Payload).Should().Be("{\"n\":1}");
        lease.Job.Traits!.ScheduledRun.Should().BeEquivalentTo(new { Schedule = "tick" });
        lease.Job.Traits.ScheduledRun!.At.Should().BeOnOrAfter(due!.Value).And.BeOnOrBefore(lease.Job.EnqueuedAt);
        (await Jobs.GetJobAsync(lease.Job.Id, Bound))!.Traits!.ScheduledRun.Should().Be(lease.Job.Traits.ScheduledRun);
        await CompleteAsync(consumer, lease);
    }

    [Fact]
    public async Task A_schedule_says_when_it_fired_and_goes_on()
    {
        await Jobs.PutScheduleAsync(Schedule("tick", EverySecond) with { Misfire = MisfirePolicy.FireAll }, Bound);
        var first = (await ScheduleAsync("tick")).NextFireAt!.Value;
        await MaintainUntilAsync(r => r.Fired >= 2);

        var status = await ScheduleAsync("tick");
        status.NextFireAt.Should().BeAfter(first);
        status.LastFireAt.Should().Be(status.NextFireAt!.Value.AddSeconds(-1));
        var jobs = await FetchAsync(await OpenAsync(), (int)(status.NextFireAt.Value - first).TotalSeconds);
        jobs.Select(l => l.Job.Traits!.ScheduledRun!.At).Should().Equal(Enumerable.Range(0, jobs.Count).Select(i => first.AddSeconds(i)));
        jobs[^1].Job.Id.Should().Be(status.LastJob);
    }

    [Fact]
    public async Task A_schedule_that_is_put_again_keeps_its_next_time_unless_its_times_change()
    {
        var schedule = Schedule("s", EverySecond) with { Misfire = MisfirePolicy.FireAll };
        await Jobs.PutScheduleAsync(schedule, Bound);
        var next = (await ScheduleAsync("s")).NextFireAt;
        await Testing.Eventually.IsTrue(async () =>
        {
            await Jobs.PutScheduleAsync(schedule with { Name = "clock" }, Bound);
            await Jobs.DeleteScheduleAsync(Queue, "clock", Bound);
            await Jobs.PutScheduleAsync(schedule with { Name = "clock" }, Bound);
            return (await ScheduleAsync("clock")).NextFireAt > next;
        });

        (await Jobs.PutScheduleAsync(schedule with { Job = Request("2") }, Bound)).Should().BeFalse("it is not new");
        (await ScheduleAsync("s")).Should().BeEquivalentTo(new { NextFireAt = next, State = ScheduleState.Active }, "what is due stays due");

        await Jobs.PutScheduleAsync(schedule with { Cron = Yearly }, Bound);
        (await ScheduleAsync("s")).NextFireAt.Should().BeAfter(next!.Value.AddSeconds(60));
        await Jobs.PutScheduleAsync(schedule with { Cron = Yearly, TimeZone = "Asia/Kathmandu" }, Bound);
        (await ScheduleAsync("s")).NextFireAt!.Value.Minute.Should().Be(15);
    }

    [Fact]
    public async Task A_paused_schedule_does_not_fire_and_goes_on_from_the_time_of_its_resumption()
    {
        await Jobs.PutScheduleAsync(Schedule("tick", EverySecond) with { Misfire = MisfirePolicy.FireAll }, Bound);
        await MaintainUntilAsync(r => r.Fired >= 1);
        (await Jobs.SetSchedulePausedAsync(Queue, "tick", true, Bound)).Should().BeTrue();
        (await Jobs.SetSchedulePausedAsync(Queue, "tick", true, Bound)).Should().BeTrue();
        var fired = (await StatisticsAsync()).EnqueuedTotal;
        (await ScheduleAsync("tick")).Should().BeEquivalentTo(new { State = ScheduleState.Paused, NextFireAt = (DateTimeOffset?)null });

        await Jobs.PutScheduleAsync(Schedule("tick", EverySecond) with { Misfire = MisfirePolicy.FireAll, Job = Request("2") }, Bound);
        (await ScheduleAsync("tick")).State.Should().Be(ScheduleState.Paused, "who puts it again does not resume it");
        await Jobs.PutScheduleAsync(Schedule("other", EverySecond), Bound);
        await MaintainUntilAsync(r => r.Fired >= 2);
        await Jobs.DeleteScheduleAsync(Queue, "other", Bound);
        var resumed = await Jobs.ListSchedulesAsync(Queue, null, 10, Bound);
        resumed.Should().ContainSingle().Which.LastFireAt.Should().NotBeNull();

        (await Jobs.SetSchedulePausedAsync(Queue, "tick", false, Bound)).Should().BeTrue();
        var status = await ScheduleAsync("tick");
        status.State.Should().Be(ScheduleState.Active);
        status.NextFireAt.Should().BeAfter(status.LastFireAt!.Value.AddSeconds(2), "what came meanwhile was not missed");
        await MaintainUntilAsync(r => r.Fired >= 1);
        (await StatisticsAsync()).EnqueuedTotal.Should().BeGreaterThan(fired);
        (await Jobs.SetSchedulePausedAsync(Queue, "none", true, Bound)).Should().BeFalse();
    }

    [Fact]
    public async Task A_schedule_that_skips_overlaps_waits_for_the_end_of_its_job()
    {
        await Jobs.PutScheduleAsync(Schedule("tick", EverySecond) with { Overlap = ScheduleOverlap.Skip, Misfire = MisfirePolicy.FireAll }, Bound);
        await MaintainUntilAsync(r => r.Fired == 1);
        var first = await ScheduleAsync("tick");
        await Testing.Eventually.IsTrue(async () =>
        {
            await Jobs.MaintainAsync(Queue, Bound);
            return (await ScheduleAsync("tick")).NextFireAt > first.NextFireAt!.Value.AddSeconds(1);
        });
        (await StatisticsAsync()).EnqueuedTotal.Should().Be(1);
        var later = await ScheduleAsync("tick");
        later.LastFireAt.Should().Be(first.LastFireAt);

        var consumer = await OpenAsync();
        var lease = await FetchOneAsync(consumer);
        (await Jobs.TriggerScheduleAsync(Queue, "tick", Bound)).Should().Be(new EnqueuedJob(lease.Job.Id, IsDuplicate: true));
        await CompleteAsync(consumer, lease);
        await MaintainUntilAsync(r => r.Fired == 1);
        (await FetchOneAsync(consumer)).Job.Traits!.ScheduledRun!.At.Should().BeAfter(lease.Job.Traits!.ScheduledRun!.At.AddSeconds(1));
    }

    [Fact]
    public async Task A_schedule_is_triggered_by_hand_beside_its_times()
    {
        await Jobs.PutScheduleAsync(Schedule("yearly", Yearly) with { Job = Request("7") }, Bound);
        var before = await ScheduleAsync("yearly");
        await Jobs.SetSchedulePausedAsync(Queue, "yearly", true, Bound);

        var began = Now();
        var job = await Jobs.TriggerScheduleAsync(Queue, "yearly", Bound);
        await Jobs.SetSchedulePausedAsync(Queue, "yearly", false, Bound);

        job!.Value.IsDuplicate.Should().BeFalse();
        var lease = await FetchOneAsync(await OpenAsync());
        lease.Job.Id.Should().Be(job.Value.Id);
        Text(lease.Job.Payload).Should().Be("7");
        lease.Job.Traits!.ScheduledRun!.Schedule.Should().Be("yearly");
        lease.Job.Traits.ScheduledRun.At.Should().BeOnOrAfter(began).And.BeOnOrBefore(lease.Job.EnqueuedAt);
        (await ScheduleAsync("yearly")).Should().BeEquivalentTo(before, o => o.Excluding(s => s.Schedule).Excluding(s => s.Revision), "a start by hand changes nothing");
        (await Jobs.TriggerScheduleAsync(Queue, "none", Bound)).Should().BeNull();
    }

    [Fact]
    public async Task A_schedule_without_a_time_left_is_kept_and_says_so()
    {
        await Jobs.PutScheduleAsync(Schedule("past", "0 0 0 1 1 ? 2001"), Bound);

        await Jobs.MaintainAsync(Queue, Bound);

        (await ScheduleAsync("past")).Should().BeEquivalentTo(new { State = ScheduleState.Ended, NextFireAt = (DateTimeOffset?)null });
        (await StatisticsAsync()).EnqueuedTotal.Should().Be(0);
        await Jobs.SetSchedulePausedAsync(Queue, "past", true, Bound);
        await Jobs.SetSchedulePausedAsync(Queue, "past", false, Bound);
        (await ScheduleAsync("past")).State.Should().Be(ScheduleState.Ended);
    }

    [Fact]
    public async Task Invalid_schedules_are_refused()
    {
        var valid = Schedule("s", Yearly);
        JobSchedule[] invalid =
        [
            valid with { Name = "" },
            valid with { Name = "a:b" },
            valid with { Name = new string('n', 101) },
            valid with { Cron = "every day" },
            valid with { TimeZone = "Mars/Olympus" },
            valid with { Misfire = (MisfirePolicy)9 },
            valid with { Overlap = (ScheduleOverlap)9 },
            valid with { MisfireGrace = TimeSpan.FromSeconds(-1) },
            valid with { Job = Request() with { Type = "" } },
            valid with { Job = Request(queue: "Not A Queue") },
            valid with { Job = Request() with { Delay = TimeSpan.FromSeconds(1) } },
            valid with { Job = Request(new string('x', (64 * 1024) + 1)) },
            valid with { Overlap = ScheduleOverlap.Skip, Job = Request() with { Deduplication = UntilDone } },
        ];

        foreach (var schedule in invalid)
            await FluentActions.Awaiting(() => Jobs.PutScheduleAsync(schedule, Bound).AsTask()).Should().ThrowAsync<ArgumentException>($"of {schedule}");
        (await Jobs.ListSchedulesAsync(Queue, null, 10, Bound)).Should().BeEmpty();
        await FluentActions.Awaiting(() => Jobs.GetScheduleAsync(Queue, "a:v", Bound).AsTask()).Should().ThrowAsync<ArgumentException>();
        await FluentActions.Awaiting(() => Jobs.DeleteScheduleAsync(Queue, "a:v", Bound).AsTask()).Should().ThrowAsync<ArgumentException>();
    }

    private JobSchedule Schedule(string name, string cron) => new() { Name = name, Cron = cron, Job = Request() };

    private async Task<JobScheduleStatus> ScheduleAsync(string name) => (await Jobs.GetScheduleAsync(Queue, name, Bound))!;
}
