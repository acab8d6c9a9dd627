using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Tests.Compliance;

public abstract partial class JobQueueCompliance
{
    private static readonly QueueLimits ThreeAnHour = new() { Rate = new QueueRate(3, TimeSpan.FromHours(1)) };

    [Fact]
    public async Task Limits_are_kept_as_they_were_set()
    {
        (await Jobs.GetLimitsAsync(Queue, Bound)).Should().Be(QueueLimits.None);
        var limits = new QueueLimits { Rate = new QueueRate(100, TimeSpan.FromMilliseconds(1500)) { Burst = 7 }, Concurrency = 5 };
        await Jobs.SetLimitsAsync(Queue, limits, Bound);
        (await Jobs.GetLimitsAsync(Queue, Bound)).Should().Be(limits);

        await Jobs.SetLimitsAsync(Queue, new QueueLimits { Concurrency = 1 }, Bound);
        (await Jobs.GetLimitsAsync(Queue, Bound)).Should().Be(new QueueLimits { Concurrency = 1 });
        await Jobs.SetLimitsAsync(Queue, QueueLimits.None, Bound);
        (await Jobs.GetLimitsAsync(Queue, Bound)).Should().Be(QueueLimits.None);
        (await Jobs.GetLimitsAsync("nobody-knows-it", Bound)).Should().Be(QueueLimits.None);
    }

    [Fact]
    public async Task A_rate_bounds_the_starts_of_all_consumers_together()
    {
        await Jobs.SetLimitsAsync(Queue, ThreeAnHour, Bound);
        await Jobs.EnqueueAsync([.. Enumerable.Repeat(Request(), 10)], Bound);
        var first = await OpenAsync();
        var second = await OpenAsync();
        first.HeldBy.Should().Be(QueueHold.None);

        var taken = new List<JobLease>(await first.FetchAsync(2, Bound));
        taken.AddRange(await second.FetchAsync(5, Bound));

        taken.Should().HaveCount(3);
        foreach (var consumer in new[] { first, second })
        {
            (await consumer.FetchAsync(5, Bound)).Should().BeEmpty();
            consumer.HeldBy.Should().Be(QueueHold.Rate);
        }

        await first.CompleteAsync([.. taken.Take(2).Select(l => new JobCompletion(l))], Bound);
        (await first.FetchAsync(5, Bound)).Should().BeEmpty("a start counts, however it ended");
        (await StatisticsAsync()).Backlog.Should().Be(new Backlog(7, 1, Paused: false), "they are demand still");
        await Jobs.SetLimitsAsync(Queue, QueueLimits.None, Bound);
        (await FetchAsync(first, 7)).Should().HaveCount(7);
        first.HeldBy.Should().Be(QueueHold.None);
    }

    [Fact]
    public async Task Limits_that_are_set_again_let_nothing_through()
    {
        await Jobs.SetLimitsAsync(Queue, ThreeAnHour, Bound);
        await Jobs.EnqueueAsync([.. Enumerable.Repeat(Request(), 10)], Bound);
        var consumer = await OpenAsync();
        (await FetchAsync(consumer, 2)).Should().HaveCount(2);

        await Jobs.SetLimitsAsync(Queue, ThreeAnHour, Bound);
        await Jobs.SetLimitsAsync(Queue, ThreeAnHour with { Concurrency = 100 }, Bound);
        await Jobs.SetLimitsAsync(Queue, new QueueLimits { Rate = new QueueRate(50, TimeSpan.FromHours(10)) }, Bound);

        (await FetchAsync(consumer, 1)).Should().HaveCount(1);
        (await consumer.FetchAsync(5, Bound)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_held_job_starts_when_the_rate_lets_it()
    {
        await Jobs.SetLimitsAsync(Queue, new QueueLimits { Rate = new QueueRate(10, TimeSpan.FromSeconds(1)) { Burst = 2 } }, Bound);
        await Jobs.EnqueueAsync([.. Enumerable.Repeat(Request(), 7)], Bound);
        var consumer = await OpenAsync();
        var started = TimeProvider.System.GetTimestamp();

        (await FetchAsync(consumer, 7)).Should().HaveCount(7);

        TimeProvider.System.GetElapsedTime(started).Should().BeGreaterThan(TimeSpan.FromMilliseconds(490), "five of them had to wait for 100 ms each");
    }

    [Fact]
    public async Task No_more_jobs_run_at_once_than_their_queue_allows()
    {
        await Jobs.SetLimitsAsync(Queue, new QueueLimits { Concurrency = 2 }, Bound);
        await Jobs.EnqueueAsync([.. Enumerable.Repeat(Request(), 10)], Bound);
        var first = await OpenAsync();
        var second = await OpenAsync();
        var leases = new List<JobLease>(await first.FetchAsync(1, Bound));
        leases.AddRange(await second.FetchAsync(5, Bound));
        leases.Should().HaveCount(2);
        (await first.FetchAsync(5, Bound)).Should().BeEmpty();
        first.HeldBy.Should().Be(QueueHold.Concurrency);

        await CompleteAsync(first, leases[0]);
        leases[0] = (await first.FetchAsync(5, Bound)).Should().ContainSingle().Subject;
        await first.RetryAsync([new JobRetry(leases[0], TimeSpan.FromHours(1), "later")], Bound);
        leases[0] = (await first.FetchAsync(5, Bound)).Should().ContainSingle().Subject;

        await Jobs.SetLimitsAsync(Queue, new QueueLimits { Concurrency = 1 }, Bound);
        await CompleteAsync(first, leases[0]);
        (await first.FetchAsync(5, Bound)).Should().BeEmpty("one runs still");
        await CompleteAsync(second, leases[1]);
        (await first.FetchAsync(5, Bound)).Should().ContainSingle();
    }

    [Fact]
    public async Task A_lost_workers_job_counts_as_running_until_it_is_recovered()
    {
        await MaintainUntilAsync(_ => true);
        await Jobs.SetLimitsAsync(Queue, new QueueLimits { Concurrency = 1 }, Bound);
        await Jobs.EnqueueAsync([Request(), Request()], Bound);
        var lost = await OpenAsync();
        var id = (await FetchOneAsync(lost)).Job.Id;
        await CrashAsync(lost);
        var consumer = await OpenAsync();
        (await consumer.FetchAsync(1, Bound)).Should().BeEmpty();

        await MaintainUntilAsync(r => r.Recovered == 1);

        (await FetchOneAsync(consumer)).Job.Id.Should().Be(id);
    }

    [Fact]
    public async Task A_queue_that_is_held_does_not_hold_up_the_others()
    {
        var held = Queue + "-held";
        await Jobs.SetLimitsAsync(held, ThreeAnHour, Bound);
        await Jobs.EnqueueAsync([.. Enumerable.Repeat(Request(queue: held), 10)], Bound);
        var consumer = await OpenAsync(held, Queue);
        (await FetchAsync(consumer, 3)).Should().OnlyContain(l => l.Job.Id.Queue == held);
        var fetch = FetchOneAsync(consumer);
        var id = await EnqueueAsync();

        (await fetch).Job.Id.Should().Be(id);
        consumer.HeldBy.Should().Be(QueueHold.None);
    }

    [Fact]
    public async Task An_idle_queue_with_limits_gives_a_job_soon_after_it_comes()
    {
        await Jobs.SetLimitsAsync(Queue, ThreeAnHour, Bound);
        var consumer = await OpenAsync();
        var fetch = FetchOneAsync(consumer);
        var id = await EnqueueAsync();

        (await fetch.WaitAsync(TimeSpan.FromSeconds(30), Bound)).Job.Id.Should().Be(id);
    }

    [Fact]
    public async Task Limits_hold_for_consumers_that_wait_already()
    {
        var consumer = await OpenAsync();
        var fetch = consumer.FetchAsync(5, Bound).AsTask();
        await Jobs.SetLimitsAsync(Queue, new QueueLimits { Concurrency = 1 }, Bound);
        await Jobs.EnqueueAsync([.. Enumerable.Repeat(Request(), 5)], Bound);

        var leases = new List<JobLease>(await fetch);
        leases.AddRange(await consumer.FetchAsync(5, Bound));

        leases.Should().ContainSingle();
        await CompleteAsync(consumer, leases[0]);
        ShouldBalance(await StatisticsAsync());
    }

    [Fact]
    public async Task Limits_that_make_no_sense_are_refused()
    {
        QueueLimits[] invalid =
        [
            new() { Concurrency = 0 },
            new() { Concurrency = QueueLimits.MaxJobs + 1 },
            new() { Rate = new QueueRate(0, TimeSpan.FromSeconds(1)) },
            new() { Rate = new QueueRate(QueueLimits.MaxJobs + 1, TimeSpan.FromSeconds(1)) },
            new() { Rate = new QueueRate(1, TimeSpan.Zero) },
            new() { Rate = new QueueRate(1, TimeSpan.FromTicks(15_000)) },
            new() { Rate = new QueueRate(1, TimeSpan.FromHours(25)) },
            new() { Rate = new QueueRate(1, TimeSpan.FromSeconds(1)) { Burst = 0 } },
        ];
        foreach (var limits in invalid)
        {
            var set = async () => await Jobs.SetLimitsAsync(Queue, limits, Bound);
            await set.Should().ThrowAsync<ArgumentException>();
        }

        (await Jobs.GetLimitsAsync(Queue, Bound)).Should().Be(QueueLimits.None);
    }
}
