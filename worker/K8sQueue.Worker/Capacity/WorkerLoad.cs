using System.Collections.Frozen;
using K8sQueue.Core.Capacity;
using K8sQueue.Worker.Execution;
using K8sQueue.Worker.Hosting;
using Microsoft.Extensions.Options;

namespace K8sQueue.Worker.Capacity;

/// <summary>
/// Counts, by queue, how long attempts run and wait, and how much of its slots' time the worker uses. A slot is in use from the start of a
/// handler until the outcome is recorded. Nothing is allocated for a job.
/// </summary>
internal sealed class WorkerLoad(IOptions<WorkerOptions> options, RunningJobs running, TimeProvider time)
{
    private readonly FrozenDictionary<string, QueueLoad> _queues =
        options.Value.Queues.ToFrozenDictionary(queue => queue, _ => new QueueLoad(time), StringComparer.Ordinal);

    private long _occupied;

    /// <summary>The outcome of a job is recorded.</summary>
    public void Settled(RunningJob job, JobOutcome outcome)
    {
        if (!job.HasStarted || !_queues.TryGetValue(job.Job.Id.Queue, out var queue))
            return;
        var busy = job.StopCounting(time.GetTimestamp());
        Interlocked.Add(ref _occupied, busy);

        // What was handed back was cut short.
        TimeSpan? duration = outcome is JobOutcome.Released ? null : job.Duration ?? time.GetElapsedTime(job.StartedAt);
        queue.Ended(duration, job.Waited, busy);
    }

    /// <summary>What was counted for a queue since the last call.</summary>
    public LoadSample Take(string queue)
    {
        CountRunning();
        return _queues[queue].Take(options.Value.Concurrency, Interlocked.Read(ref _occupied));
    }

    // A job that runs for an hour counts while it runs.
    private void CountRunning()
    {
        var now = time.GetTimestamp();
        foreach (var job in running.Snapshot())
        {
            if (job.CountUntil(now) is var busy and > 0 && _queues.TryGetValue(job.Job.Id.Queue, out var queue))
            {
                Interlocked.Add(ref _occupied, busy);
                queue.Ran(busy);
            }
        }
    }
}
