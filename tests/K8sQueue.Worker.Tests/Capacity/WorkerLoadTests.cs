using K8sQueue.Core.Capacity;
using K8sQueue.Core.InMemory;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Worker.Capacity;
using K8sQueue.Worker.Execution;
using K8sQueue.Worker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Worker.Tests.Capacity;

/// <summary>What a worker counts of its slots, in a time of the test's own.</summary>
public sealed class WorkerLoadTests : IAsyncDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly FaultyJobQueue _broker;
    private readonly ServiceProvider _services;
    private readonly WorkerLoad _load;
    private readonly RunningJobs _running;
    private readonly LoadReporter _reporter;
    private int _entries;

    public WorkerLoadTests()
    {
        _broker = new FaultyJobQueue(new InMemoryJobQueue(time: _time));
        _services = Services();
        _load = _services.GetRequiredService<WorkerLoad>();
        _running = _services.GetRequiredService<RunningJobs>();
        _reporter = _services.GetRequiredService<LoadReporter>();
    }

    [Fact]
    public void A_job_that_ended_counts_with_its_duration_its_wait_and_the_time_of_its_slot()
    {
        var job = Start("a", waited: 3);
        Advance(2);
        job.Duration = TimeSpan.FromSeconds(2);
        Advance(1);
        Settle(job, new JobOutcome.Completed(null));
        Advance(7);

        var sample = _load.Take("a");

        sample.Durations.Mean.Should().Be(TimeSpan.FromSeconds(2));
        sample.Waits.Mean.Should().Be(TimeSpan.FromSeconds(3));
        sample.Busy.Should().Be(TimeSpan.FromSeconds(3), "its slot was taken until its outcome was recorded");
        sample.Occupied.Should().Be(TimeSpan.FromSeconds(3));
        sample.Elapsed.Should().Be(TimeSpan.FromSeconds(10));
        sample.Slots.Should().Be(TimeSpan.FromSeconds(40));
    }

    [Fact]
    public void A_long_job_counts_while_it_runs_and_never_twice()
    {
        var job = Start("a");
        Advance(10);
        _load.Take("a").Busy.Should().Be(TimeSpan.FromSeconds(10));
        Advance(4);
        Settle(job, new JobOutcome.Completed(null));
        Advance(6);

        var sample = _load.Take("a");

        sample.Busy.Should().Be(TimeSpan.FromSeconds(4));
        sample.Durations.Mean.Should().Be(TimeSpan.FromSeconds(14), "a duration is told once, when it is known");
        Advance(10);
        _load.Take("a").Should().BeEquivalentTo(new { Busy = TimeSpan.Zero, Occupied = TimeSpan.Zero, Durations = new { Count = 0L } });
    }

    [Fact]
    public void Queues_share_the_slots_and_each_hears_of_its_own_jobs()
    {
        Start("a");
        Start("b");
        Start("b");
        Advance(10);

        var (a, b) = (_load.Take("a"), _load.Take("b"));

        a.Busy.Should().Be(TimeSpan.FromSeconds(10));
        b.Busy.Should().Be(TimeSpan.FromSeconds(20));
        a.Occupied.Should().Be(TimeSpan.FromSeconds(30));
        b.Occupied.Should().Be(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void What_was_handed_back_or_never_started_has_no_duration()
    {
        var released = Start("a");
        var unknown = Hold("a");
        Advance(1);
        Settle(released, new JobOutcome.Released());
        Settle(unknown, new JobOutcome.Buried(DeadLetterReasons.UnknownType, "x"));

        var sample = _load.Take("a");

        sample.Durations.Count.Should().Be(0);
        sample.Waits.Count.Should().Be(1);
        sample.Busy.Should().Be(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void A_handler_that_was_given_up_counts_with_the_time_until_then()
    {
        var job = Start("a");
        Advance(5);
        Settle(job, new JobOutcome.Retried(TimeSpan.Zero, "timed out"));

        _load.Take("a").Durations.Mean.Should().Be(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_report_goes_out_every_ten_seconds()
    {
        await _reporter.ReportIfDueAsync("a", CancellationToken.None);
        (await MinutesAsync()).Should().BeEmpty();

        Advance(9);
        await _reporter.ReportIfDueAsync("a", CancellationToken.None);
        (await MinutesAsync()).Should().BeEmpty();

        Advance(1);
        await _reporter.ReportIfDueAsync("a", CancellationToken.None);
        await _reporter.ReportIfDueAsync("a", CancellationToken.None);
        (await MinutesAsync()).Should().ContainSingle().Which.Load.Elapsed.Should().Be(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task What_could_not_be_reported_is_part_of_the_next_report()
    {
        Settle(Start("a"), new JobOutcome.Completed(null));
        Advance(10);
        _broker.IsDown = true;
        await _reporter.ReportIfDueAsync("a", CancellationToken.None);
        Settle(Start("a"), new JobOutcome.Completed(null));
        Advance(10);
        await _reporter.ReportIfDueAsync("a", CancellationToken.None);
        _broker.IsDown = false;
        Advance(10);
        await _reporter.ReportIfDueAsync("a", CancellationToken.None);

        var load = (await MinutesAsync()).Should().ContainSingle().Which.Load;

        load.Durations.Count.Should().Be(2);
        load.Elapsed.Should().Be(TimeSpan.FromSeconds(30));
        load.Slots.Should().Be(TimeSpan.FromSeconds(120));
    }

    [Fact]
    public async Task Counting_a_job_allocates_nothing()
    {
        var jobs = Enumerable.Range(0, 1000).Select(_ => Start("a")).ToList();
        var outcome = new JobOutcome.Completed(null);
        _load.Settled(jobs[0], outcome);
        var before = GC.GetAllocatedBytesForCurrentThread();

        foreach (var job in jobs)
            _load.Settled(job, outcome);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
        await Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private ServiceProvider Services()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(_time);
        services.AddSingleton<IJobQueue>(_broker);
        services.AddK8sQueueWorker(o =>
        {
            o.Queues.Add("a");
            o.Queues.Add("b");
            o.Concurrency = 4;
            o.Prefetch = 2000;
        });
        return services.BuildServiceProvider();
    }

    private void Advance(int seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));

    private RunningJob Hold(string queue, int waited = 0)
    {
        var now = _time.GetUtcNow();
        var envelope = new JobEnvelope
        {
            Id = JobId.Create(queue, tracked: false, _time),
            Type = "t",
            Payload = default,
            Retry = RetryPolicy.Default,
            EnqueuedAt = now,
        };
        var lease = new JobLease(envelope, $"{++_entries}", Lane.Normal, CancellationToken.None) { AvailableAt = now.AddSeconds(-waited) };
        var job = new RunningJob(lease, handler: null, _services.GetRequiredService<IServiceScopeFactory>());
        _running.Add(job);
        return job;
    }

    private RunningJob Start(string queue, int waited = 0)
    {
        var job = Hold(queue, waited);
        job.Begin(_time.GetTimestamp(), _time.GetUtcNow());
        return job;
    }

    private void Settle(RunningJob job, JobOutcome outcome)
    {
        _load.Settled(job, outcome);
        _running.Remove(job);
    }

    private async Task<IReadOnlyList<LoadMinute>> MinutesAsync() => (await _broker.Inner.Load.ReadAsync("a", CancellationToken.None)).Entries;
}
