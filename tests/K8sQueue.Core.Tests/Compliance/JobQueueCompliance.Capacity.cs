using K8sQueue.Core.Capacity;

namespace K8sQueue.Core.Tests.Compliance;

public abstract partial class JobQueueCompliance
{
    [Fact]
    public async Task Of_a_queue_that_nobody_looked_at_no_capacity_is_known()
    {
        await EnqueueAsync();

        (await Jobs.GetCapacityAsync(Queue, Bound)).Should().Be(new QueueCapacity());
        (await Jobs.Load.ReadAsync($"{Queue}-unknown", Bound)).Entries.Should().BeEmpty();
    }

    [Fact]
    public async Task Jobs_that_arrive_after_a_look_are_counted_at_once_and_once()
    {
        await EnqueueAsync();
        await LookAsync();
        await EnqueueAsync();
        await EnqueueAsync(Request() with { Delay = TimeSpan.FromMinutes(5) });
        (await ArrivalsAsync()).Should().Be(2, "that of before is not known, and delayed ones count when they are enqueued");

        await LookAsync();
        await LookAsync();
        (await ArrivalsAsync()).Should().Be(2);
        await EnqueueAsync();
        (await ArrivalsAsync()).Should().Be(3);
    }

    [Fact]
    public async Task Attempts_and_hand_backs_are_no_arrivals()
    {
        await LookAsync();
        await EnqueueAsync();
        var consumer = await OpenAsync();
        await consumer.ReleaseAsync([await FetchOneAsync(consumer)], Bound);
        await consumer.RetryAsync([new(await FetchOneAsync(consumer), TimeSpan.Zero, "x")], Bound);

        (await ArrivalsAsync()).Should().Be(1);
    }

    [Fact]
    public async Task What_several_workers_report_is_added_up()
    {
        await Jobs.Load.ReportAsync(Queue, Sample(concurrency: 4, busy: 20, occupied: 30, durations: [1, 1, 3]), Bound);
        await Jobs.Load.ReportAsync(Queue, Sample(concurrency: 4, busy: 10, occupied: 10, durations: [3]), Bound);

        var capacity = await Jobs.GetCapacityAsync(Queue, Bound);

        capacity.MeanDuration.Should().Be(TimeSpan.FromSeconds(2));
        capacity.DurationP95!.Value.TotalSeconds.Should().BeInRange(2.6, 3.7);
        capacity.MeanWait.Should().Be(TimeSpan.FromSeconds(0.5));
        capacity.WaitP95!.Value.TotalSeconds.Should().BeInRange(0.42, 0.63);
        capacity.Utilization.Should().BeApproximately(0.5, 0.001);
        capacity.SlotsPerWorker.Should().Be(4);

        // Of both at once, for 10 s.
        capacity.SlotsInUse.Should().BeInRange(2, 3.01);
        capacity.Slots.Should().BeInRange(6, 8.01);
        capacity.RecommendedSlots.Should().BeNull("arrivals were not counted for a minute");
    }

    [Fact]
    public async Task A_report_survives_its_way_to_the_broker_whatever_is_in_it()
    {
        var sample = Sample(concurrency: 10_000, busy: 99_999, occupied: 100_000, durations: [0, 1, 60, 3600, 86_400, 10_000_000]);
        await Jobs.Load.ReportAsync(Queue, sample, Bound);

        var minute = (await Jobs.Load.ReadAsync(Queue, Bound)).Entries.Should().ContainSingle().Which;

        minute.Load.Should().BeEquivalentTo(sample, o => o.Excluding(s => s.Durations).Excluding(s => s.Waits));
        minute.Load.Durations.Sum.Should().Be(sample.Durations.Sum);
        minute.Load.Durations.Buckets.Should().Equal(sample.Durations.Buckets);
        (minute.Until - minute.From).Should().BeCloseTo(sample.Elapsed, TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public async Task A_name_that_is_no_queues_is_refused_by_reports()
    {
        var report = async () => await Jobs.Load.ReportAsync("No Queue", LoadSample.None, Bound);

        await report.Should().ThrowAsync<ArgumentException>();
    }

    [Fact]
    public async Task A_lease_says_since_when_its_job_could_have_been_taken()
    {
        await EnqueueAsync(Request() with { Delay = TimeSpan.FromMilliseconds(400) });
        var consumer = await OpenAsync();
        await MaintainUntilAsync(r => r.Promoted == 1);

        var lease = await FetchOneAsync(consumer);

        (lease.AvailableAt - lease.Job.EnqueuedAt).Should().BeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(390)).And.BeLessThan(TimeSpan.FromSeconds(15));
    }

    private ValueTask LookAsync() => Jobs.Load.ReportAsync(Queue, LoadSample.None, Bound);

    private async Task<long> ArrivalsAsync() => (await Jobs.Load.ReadAsync(Queue, Bound)).Entries.Sum(minute => minute.Arrivals);

    // Of 10 s; each job waited half a second.
    private static LoadSample Sample(int concurrency, double busy, double occupied, int[] durations)
    {
        var (ran, waited) = (new LoadHistogram(), new LoadHistogram());
        foreach (var seconds in durations)
        {
            ran.Add(TimeSpan.FromSeconds(seconds));
            waited.Add(TimeSpan.FromSeconds(0.5));
        }

        return new LoadSample
        {
            Durations = ran,
            Waits = waited,
            Busy = TimeSpan.FromSeconds(busy),
            Occupied = TimeSpan.FromSeconds(occupied),
            Slots = TimeSpan.FromSeconds(10 * concurrency),
            Elapsed = TimeSpan.FromSeconds(10),
        };
    }
}
