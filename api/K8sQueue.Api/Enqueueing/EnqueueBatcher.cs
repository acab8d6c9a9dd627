using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Enqueueing;

/// <summary>
/// Enqueues the jobs of single requests. Where no call for a job's queue is under way it goes to the broker at once, from the request's own thread;
/// otherwise it goes with all that arrive meanwhile, in the next call. So an idle API adds no delay, and a busy one makes fewer calls the busier it is.
/// <para>
/// A call has jobs of one queue only, in the order in which they came, and no more than the broker takes all or none of: what it says of the call is
/// true of each job. A job that is invalid fails alone. A request that is cancelled takes nobody with it; its job is not sent any more where it has
/// not been.
/// </para>
/// <para>
/// What waits is bounded, over all queues (<see cref="ApiLimits.MaxWaitingJobs"/>, <see cref="ApiLimits.MaxWaitingBytes"/>). Where the broker can't be reached, all that wait for
/// the same queue are told so at once: one call after the other would have each wait for its own time-out behind all others.
/// </para>
/// </summary>
internal sealed class EnqueueBatcher(IJobQueue jobs)
{
    private readonly Lock _lock = new();

    private readonly WaitingJobs _waiting = new();

    // The queues for which a call is under way, and what waits for its end.
    private readonly Dictionary<string, Queue<WaitingJob>> _underWay = new(StringComparer.Ordinal);

    /// <summary>Adds a job; throws what <see cref="IJobQueue.EnqueueAsync"/> throws.</summary>
    /// <exception cref="ProblemException">As much waits as may.</exception>
    public Task<EnqueuedJob> EnqueueAsync(JobRequest job, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var mine = new WaitingJob(job, cancellationToken);
        Queue<WaitingJob> waiting;
        lock (_lock)
        {
            if (_underWay.TryGetValue(job.Queue, out var others))
            {
                if (_waiting.TryAdd(mine))
                    others.Enqueue(mine);
                else
                    mine.Fail(WaitingJobs.TooMany());
                return mine.Task;
            }

            waiting = new Queue<WaitingJob>();
            _underWay.Add(job.Queue, waiting);
        }

        _ = RunAsync(job.Queue, waiting, [mine]);
        return mine.Task;
    }

    private async Task RunAsync(string queue, Queue<WaitingJob> waiting, List<WaitingJob> batch)
    {
        do
        {
            var away = await SendAsync(batch);
            batch.Clear();
            lock (_lock)
            {
                while (away is not null && waiting.TryDequeue(out var next))
                {
                    _waiting.Remove(next);
                    next.Fail(away);
                }

                EnqueueBatch.Take(waiting, batch, _waiting);
                if (batch.Count == 0)
                    _underWay.Remove(queue);
            }
        }
        while (batch.Count > 0);
    }

    /// <summary>Sends a batch, and returns why the broker can't be reached where it can't.</summary>
    private async Task<JobQueueUnavailableException?> SendAsync(List<WaitingJob> batch)
    {
        try
        {
            // Not cancelled: it is not one request's call.
            var answers = await jobs.EnqueueAsync(batch.ConvertAll(waiting => waiting.Job), CancellationToken.None);
            for (var i = 0; i < batch.Count; i++)
                batch[i].Answer(answers[i]);
            return null;
        }
        catch (ArgumentException) when (batch.Count > 1)
        {
            // One of them is invalid, and nothing was added.
            JobQueueUnavailableException? away = null;
            foreach (var waiting in batch)
            {
                if (away is null)
                    away = await SendAsync([waiting]);
                else
                    waiting.Fail(away);
            }

            return away;
        }
        catch (Exception e)
        {
            foreach (var waiting in batch)
                waiting.Fail(e);
            return e as JobQueueUnavailableException;
        }
    }
}
