using System.Diagnostics;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;

namespace K8sQueue.Benchmarks.Queues.Native;

/// <summary>
/// K8sQueue through its ports, <see cref="IJobQueue"/> and <see cref="IJobConsumer"/>: one consumer that fetches in
/// batches and completes them in any order, with its heartbeat, and with the housekeeping that a worker does.
/// </summary>
internal sealed class NativeContender(string address, NativeJobs kind) : IQueueContender
{
    public const string Queue = "bench";
    private long _made;
    private WorkSettings _work = new(500, 4);

    public EnqueueSettings EnqueueSettings { get; private set; } = new(500, 4);

    public string Name => kind.Name;

    public string Settings => $"{EnqueueSettings}, {_work}";

    /// <summary>A queue of its own for each measure: Redis is emptied in between, which no queue has to expect.</summary>
    public static async Task<IJobQueue> ConnectAsync(string address, CancellationToken cancellationToken)
    {
        var queue = new RedisJobQueue(new RedisQueueOptions { Address = address, ClientName = "bench" });
        await queue.CheckHealthAsync(cancellationToken);
        return queue;
    }

    /// <summary>Jobs that are anywhere in the queue.</summary>
    public static long Left(QueueStatistics statistics) =>
        statistics.Backlog.Waiting + statistics.Backlog.InFlight + statistics.Delayed + statistics.DeadLetters;

    public async Task TuneEnqueueAsync(Sweep sweep, CancellationToken cancellationToken) =>
        EnqueueSettings = await sweep.BestAsync(EnqueueSettings.Candidates, settings =>
        {
            EnqueueSettings = settings;
            return EnqueueAsync(sweep.Jobs, cancellationToken);
        });

    public async Task TuneAsync(Sweep sweep, CancellationToken cancellationToken)
    {
        await TuneEnqueueAsync(sweep, cancellationToken);
        _work = await sweep.BestAsync(WorkSettings.Candidates, async settings =>
        {
            _work = settings;
            await EnqueueAsync(sweep.Jobs, cancellationToken);
            return (await ProcessAsync(sweep.Jobs, cancellationToken)).Elapsed;
        });
    }

    public async Task<TimeSpan> EnqueueAsync(int jobs, CancellationToken cancellationToken)
    {
        await using var queue = await ConnectAsync(address, cancellationToken);

        // A producer connects when it first enqueues; the others are connected before their time runs, too.
        await queue.EnqueueAsync([NativeJobs.Plain with { Queue = "connected" }], cancellationToken);
        return await EnqueueSettings.RunAsync(jobs, async size =>
        {
            var requests = new JobRequest[size];
            for (var i = 0; i < size; i++)
                requests[i] = kind.Make(Interlocked.Increment(ref _made));
            await queue.EnqueueAsync(requests, cancellationToken);
        });
    }

    public async Task<ProcessedJobs> ProcessAsync(int jobs, CancellationToken cancellationToken)
    {
        await using var queue = await ConnectAsync(address, cancellationToken);
        await LimitAsync(queue, cancellationToken);
        await using var maintenance = new Maintenance(queue, Queue);
        var cpu = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        long completed;
        await using (var consumer = await OpenAsync(queue, cancellationToken))
        {
            completed = await WorkAsync(consumer, jobs, cancellationToken);
            watch.Stop();
            cpu = Environment.CpuUsage.TotalTime - cpu;
            await consumer.LeaveAsync(cancellationToken);
        }

        return new ProcessedJobs(completed, await LeftAsync(queue, cancellationToken), watch.Elapsed, cpu);
    }

    public async Task<StartLatencies> MeasureLatencyAsync(int jobs, CancellationToken cancellationToken)
    {
        await using var producer = await ConnectAsync(address, cancellationToken);
        await using var queue = await ConnectAsync(address, cancellationToken);
        await LimitAsync(queue, cancellationToken);
        await using var maintenance = new Maintenance(queue, Queue);
        await using var consumer = await OpenAsync(queue, cancellationToken);
        var samples = await LatencyLoop.RunAsync(
            jobs,
            () => producer.EnqueueAsync([kind.Make(Interlocked.Increment(ref _made))], cancellationToken).AsTask(),
            async start =>
            {
                var leases = await consumer.FetchAsync(10, cancellationToken);
                start();
                await consumer.CompleteAsync([.. leases.Select(lease => new JobCompletion(lease))], cancellationToken);
            },
            cancellationToken);
        await consumer.LeaveAsync(cancellationToken);
        return new StartLatencies(samples, await LeftAsync(queue, cancellationToken));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // Fetches ahead, before what was fetched is completed, as a worker with a prefetch does, so that Redis need not wait for this process to read and write.
    private async Task<long> WorkAsync(IJobConsumer consumer, int jobs, CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(_work.Parallel);
        var completions = new List<Task<int>>();
        var next = consumer.FetchAsync(_work.Fetch, cancellationToken).AsTask();
        for (var started = 0; started < jobs;)
        {
            var leases = await next;
            if (leases.Count == 0)
                break;
            started += leases.Count;
            if (started < jobs)
                next = consumer.FetchAsync(_work.Fetch, cancellationToken).AsTask();
            await slots.WaitAsync(cancellationToken);
            completions.Add(CompleteAsync(consumer, leases, slots, cancellationToken));
        }

        return (await Task.WhenAll(completions)).Sum();
    }

    private async Task<int> CompleteAsync(
        IJobConsumer consumer, IReadOnlyList<JobLease> leases, SemaphoreSlim slots, CancellationToken cancellationToken)
    {
        var completions = new JobCompletion[leases.Count];
        for (var i = 0; i < completions.Length; i++)
            completions[i] = new JobCompletion(leases[i], kind.Result);
        Random.Shared.Shuffle(completions);
        var outcomes = await consumer.CompleteAsync(completions, cancellationToken);
        slots.Release();
        return outcomes.Count(outcome => outcome == LeaseOutcome.Done);
    }

    private static ValueTask<IJobConsumer> OpenAsync(IJobQueue queue, CancellationToken cancellationToken) =>
        queue.OpenConsumerAsync(new JobConsumerOptions { Queues = [Queue], Name = $"bench-{Guid.NewGuid():N}" }, cancellationToken);

    private async Task LimitAsync(IJobQueue queue, CancellationToken cancellationToken)
    {
        if (kind.Limits is { } limits)
            await queue.SetLimitsAsync(Queue, limits, cancellationToken);
    }

    private static async Task<long> LeftAsync(IJobQueue queue, CancellationToken cancellationToken) =>
        Left(await queue.GetStatisticsAsync(Queue, cancellationToken));
}
