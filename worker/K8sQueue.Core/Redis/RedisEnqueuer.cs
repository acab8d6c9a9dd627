using K8sQueue.Core.Jobs;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis;

/// <summary>Adds jobs: one script call for each part of a queue's jobs that is added all or none.</summary>
internal sealed class RedisEnqueuer(RedisServices services, RedisHealth health)
{
    private const int ArgumentsPerJob = 4;

    public async Task<IReadOnlyList<JobId>> EnqueueAsync(IReadOnlyList<JobRequest> jobs)
    {
        foreach (var job in jobs)
            job.ThrowIfInvalid();
        await health.EnsureAsync().ConfigureAwait(false);
        var ids = new JobId[jobs.Count];
        for (var i = 0; i < ids.Length; i++)
            ids[i] = JobId.Create(jobs[i].Queue, jobs[i].Tracked, services.Time);

        var queues = jobs.Select(job => job.Queue).Distinct(StringComparer.Ordinal).Select(services.Queue);
        await Task.WhenAll(queues.Select(services.RegisterAsync)).ConfigureAwait(false);

        // The calls go out one behind the other on one connection, so a queue's jobs keep their order.
        var calls = Parts(jobs).Select(part => AddAsync(services.Queue(jobs[part[0]].Queue), jobs, ids, part)).ToList();
        await Task.WhenAll(calls).ConfigureAwait(false);
        return ids;
    }

    /// <summary>Splits the jobs by queue, and a queue's jobs by the limits of one atomic call.</summary>
    internal static List<List<int>> Parts(IReadOnlyList<JobRequest> jobs)
    {
        var parts = new List<List<int>>();
        var current = new Dictionary<string, (List<int> Part, long Bytes)>(StringComparer.Ordinal);
        for (var i = 0; i < jobs.Count; i++)
        {
            var (part, bytes) = current.GetValueOrDefault(jobs[i].Queue);
            if (part is null || part.Count == JobLimits.AtomicBatchJobs || bytes + jobs[i].Payload.Length > JobLimits.AtomicBatchBytes)
            {
                (part, bytes) = ([], 0);
                parts.Add(part);
            }

            part.Add(i);
            current[jobs[i].Queue] = (part, bytes + jobs[i].Payload.Length);
        }

        return parts;
    }

    private async Task AddAsync(QueueHandle queue, IReadOnlyList<JobRequest> jobs, JobId[] ids, List<int> part)
    {
        var arguments = new RedisValue[1 + (ArgumentsPerJob * part.Count)];
        arguments[0] = RedisServices.LayoutVersion;
        for (var i = 0; i < part.Count; i++)
        {
            var job = jobs[part[i]];
            var at = 1 + (ArgumentsPerJob * i);
            arguments[at] = EntryHeader.Head(ids[part[i]]);
            arguments[at + 1] = EntryHeader.Tail(job);
            arguments[at + 2] = EntryHeader.Milliseconds(job.Delay);
            arguments[at + 3] = job.Payload.ToArray();
        }

        var fresh = await services.Connection.EvaluateAsync(RedisScript.Enqueue, queue.Keys, arguments).ConfigureAwait(false);
        services.Metrics.Enqueued(queue.Name, part.Count);
        if ((int)fresh == 1)
            await services.RegisterAgainAsync(queue).ConfigureAwait(false);
    }
}
