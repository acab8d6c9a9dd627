using K8sQueue.Core.Jobs;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis;

/// <summary>
/// Adds jobs: one script call for each part of a queue's jobs that is added all or none. Where the jobs of a part differ by id and payload
/// only, are not delayed and not tracked, add.lua has less to do than enqueue.lua.
/// </summary>
internal sealed class RedisEnqueuer(RedisServices services, RedisHealth health)
{
    public async Task<IReadOnlyList<JobId>> EnqueueAsync(IReadOnlyList<JobRequest> jobs)
    {
        foreach (var job in jobs)
            job.ThrowIfInvalid();
        await health.EnsureAsync().ConfigureAwait(false);
        var now = services.Time.GetUtcNow();
        var ids = new JobId[jobs.Count];
        for (var i = 0; i < ids.Length; i++)
            ids[i] = JobId.Create(jobs[i].Queue, jobs[i].Tracked, now);

        var parts = Parts(jobs).ConvertAll(part => (Queue: services.Queue(jobs[part[0]].Queue), Jobs: part));
        await Task.WhenAll(parts.Select(part => part.Queue).Distinct().Select(services.RegisterAsync)).ConfigureAwait(false);

        // The calls go out one behind the other on one connection, so a queue's jobs keep their order.
        await Task.WhenAll(parts.ConvertAll(part => AddAsync(part.Queue, jobs, ids, part.Jobs))).ConfigureAwait(false);
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
        var (script, arguments) = AreAlike(jobs, part)
            ? (RedisScript.Add, AddArguments(jobs, ids, part))
            : (RedisScript.Enqueue, EnqueueArguments(jobs, ids, part));
        var fresh = await services.Connection.EvaluateAsync(script, queue.Keys, arguments).ConfigureAwait(false);
        services.Metrics.Enqueued(queue.Name, part.Count);
        if ((int)fresh == 1)
            await services.RegisterAgainAsync(queue).ConfigureAwait(false);
    }

    private static bool AreAlike(IReadOnlyList<JobRequest> jobs, List<int> part)
    {
        var first = jobs[part[0]];
        foreach (var i in part)
        {
            var job = jobs[i];
            if (job.Tracked || job.Delay != TimeSpan.Zero || job.Lane != first.Lane || job.Timeout != first.Timeout
                || job.Type != first.Type || job.TraceParent != first.TraceParent || job.Retry != first.Retry)
            {
                return false;
            }
        }

        return true;
    }

    private static RedisValue[] AddArguments(IReadOnlyList<JobRequest> jobs, JobId[] ids, List<int> part)
    {
        const int Shared = 3;
        const int EachJob = 2;
        var first = jobs[part[0]];
        var arguments = new RedisValue[Shared + (EachJob * part.Count)];
        arguments[0] = RedisServices.LayoutVersion;
        arguments[1] = (int)first.Lane + 1;
        arguments[2] = EntryHeader.Tail(first);
        for (var i = 0; i < part.Count; i++)
        {
            arguments[Shared + (EachJob * i)] = EntryHeader.Head(ids[part[i]]);
            arguments[Shared + (EachJob * i) + 1] = jobs[part[i]].Payload.ToArray();
        }

        return arguments;
    }

    private static RedisValue[] EnqueueArguments(IReadOnlyList<JobRequest> jobs, JobId[] ids, List<int> part)
    {
        const int EachJob = 4;
        var arguments = new RedisValue[1 + (EachJob * part.Count)];
        arguments[0] = RedisServices.LayoutVersion;
        for (var i = 0; i < part.Count; i++)
        {
            var job = jobs[part[i]];
            var at = 1 + (EachJob * i);
            arguments[at] = EntryHeader.Head(ids[part[i]]);
            arguments[at + 1] = EntryHeader.Tail(job);
            arguments[at + 2] = EntryHeader.Milliseconds(job.Delay);
            arguments[at + 3] = job.Payload.ToArray();
        }

        return arguments;
    }
}
