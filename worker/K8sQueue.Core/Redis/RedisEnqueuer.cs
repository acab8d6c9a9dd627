using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis.Producers;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis;

/// <summary>
/// Adds jobs: one script call for each part of a queue's jobs that is added all or none. Where none of a part is delayed or has traits, add.lua has
/// less to do than enqueue.lua; and where there are many that are not tracked and differ by id and payload only, <see cref="BulkCommand"/> spares the
/// server the script.
/// </summary>
internal sealed class RedisEnqueuer(RedisServices services, RedisHealth health) : IDisposable
{
    /// <summary>The fewest jobs of a call that go without a script.</summary>
    internal const int LeastBulkJobs = 50;

    private readonly ProducerSocket _socket = new(services);

    public async Task<IReadOnlyList<EnqueuedJob>> EnqueueAsync(IReadOnlyList<JobRequest> jobs)
    {
        foreach (var job in jobs)
            job.ThrowIfInvalid(services.Options.MaxPayloadBytes);
        var now = services.Time.GetUtcNow();
        var ids = new JobId[jobs.Count];
        for (var i = 0; i < ids.Length; i++)
            ids[i] = JobId.Create(jobs[i].Queue, jobs[i].Tracked, now, jobs[i].Fingerprint);
        return await EnqueueAsync(jobs, ids).ConfigureAwait(false);
    }

    /// <summary>Adds jobs that are valid under ids that they have already.</summary>
    public async Task<IReadOnlyList<EnqueuedJob>> EnqueueAsync(IReadOnlyList<JobRequest> jobs, JobId[] ids)
    {
        jobs = services.Payloads.Pack(jobs);
        await health.EnsureAsync().ConfigureAwait(false);
        var answers = new EnqueuedJob[jobs.Count];
        for (var i = 0; i < ids.Length; i++)
            answers[i] = new EnqueuedJob(ids[i]);

        var parts = Parts(jobs).ConvertAll(part => (Queue: services.Queue(jobs[part[0]].Queue), Jobs: part));
        await Task.WhenAll(parts.Select(part => part.Queue).Distinct().Select(services.RegisterAsync)).ConfigureAwait(false);

        // They go out one behind the other on one connection, so a queue's jobs keep their order.
        Task AddAllAsync(ProducerCall? call) =>
            AddAsync(call, parts.ConvertAll(part => new Part(part.Queue, jobs, ids, part.Jobs, parts.Count == 1)), answers);
        if (!await _socket.TryRunAsync(jobs.Count >= LeastBulkJobs, AddAllAsync).ConfigureAwait(false))
        {
            if (services.Options.Durability == JobDurability.Fsync)
            {
                throw new JobQueueConfigurationException(
                    $"Redis at {services.Connection.Address} can't promise that a job is on its disk (durability fsync): it refuses MULTI.");
            }

            await AddAllAsync(call: null).ConfigureAwait(false);
        }

        return answers;
    }

    /// <summary>From here on the scripts add: this process is a worker, whose sockets are counted (<see cref="RedisSockets.PerWorker"/>).</summary>
    public void LeaveSocket()
    {
        // Only a connection of its own can be asked whether its jobs are on the disk.
        if (services.Options.Durability != JobDurability.Fsync)
            _socket.Retire();
    }

    public void Dispose() => _socket.Dispose();

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

    private async Task AddAsync(ProducerCall? call, List<Part> parts, EnqueuedJob[] answers)
    {
        var added = await Task.WhenAll(parts.ConvertAll(part => TryAddAsync(call, part, answers))).ConfigureAwait(false);

        // Where the server refused a transaction it does not say why; to a script it does. They go one after the other, in their order.
        for (var i = 0; i < added.Length; i++)
        {
            if (!added[i])
                await AnswerAsync(parts[i], await EvaluateAsync(call!, parts[i] with { IsAlone = true }).ConfigureAwait(false), answers).ConfigureAwait(false);
        }
    }

    private async Task<bool> TryAddAsync(ProducerCall? call, Part part, EnqueuedJob[] answers)
    {
        Added? added;
        if (call is null)
            added = Added.Read(await AddOverDriverAsync(part).ConfigureAwait(false));
        else if (call.TakesBulk && part.Requests.Count >= LeastBulkJobs && AreAlike(part.Requests, part.Jobs))
            added = await call.AddAsync(part.Queue, part.Requests, part.Ids, part.Jobs).ConfigureAwait(false);
        else
            added = await EvaluateAsync(call, part).ConfigureAwait(false);
        if (added is null)
            return false;
        await AnswerAsync(part, added, answers).ConfigureAwait(false);
        return true;
    }

    private async Task AnswerAsync(Part part, Added added, EnqueuedJob[] answers)
    {
        foreach (var (position, ulid) in added.Duplicates)
        {
            if (JobId.TryCreate(part.Queue.Name, ulid, out var holder))
                answers[part.Jobs[position]] = new EnqueuedJob(holder, IsDuplicate: true);
        }

        services.Metrics.Enqueued(part.Queue.Name, part.Jobs.Count - added.Duplicates.Count);
        if (added.IsFresh)
            await services.RegisterAgainAsync(part.Queue).ConfigureAwait(false);
    }

    private static Task<Added> EvaluateAsync(ProducerCall call, Part part)
    {
        var (script, arguments) = Script(part);
        return call.EvaluateAsync(script, part.Queue, arguments, part.IsAlone);
    }

    private Task<RedisResult> AddOverDriverAsync(Part part)
    {
        var (script, arguments) = Script(part);
        return services.Connection.EvaluateAsync(script, part.Queue.Keys, arguments);
    }

    private static (RedisScript Script, RedisValue[] Arguments) Script(Part part) => ArePlain(part.Requests, part.Jobs)
        ? (RedisScript.Add, AddArguments(part.Requests, part.Ids, part.Jobs))
        : (RedisScript.Enqueue, EnqueueArguments(part.Requests, part.Ids, part.Jobs));

    private static bool ArePlain(IReadOnlyList<JobRequest> jobs, List<int> part)
    {
        foreach (var i in part)
        {
            if (!IsPlain(jobs[i]))
                return false;
        }

        return true;
    }

    private static bool AreAlike(IReadOnlyList<JobRequest> jobs, List<int> part)
    {
        var first = jobs[part[0]];
        foreach (var i in part)
        {
            var job = jobs[i];
            if (job.Tracked || !IsPlain(job) || !HasTailOf(first, job))
                return false;
        }

        return true;
    }

    private static bool IsPlain(JobRequest job) => job.Traits is null && job.Delay == TimeSpan.Zero;

    // Whether the headers of two plain jobs are the same behind the time.
    private static bool HasTailOf(JobRequest first, JobRequest job) => job.Lane == first.Lane && job.Timeout == first.Timeout
        && job.Type == first.Type && job.TraceParent == first.TraceParent && job.Retry == first.Retry;

    private static RedisValue[] AddArguments(IReadOnlyList<JobRequest> jobs, JobId[] ids, List<int> part)
    {
        const int EachJob = 3;
        var arguments = new RedisValue[1 + (EachJob * part.Count)];
        arguments[0] = RedisServices.LayoutVersion;
        JobRequest? last = null;
        for (var i = 0; i < part.Count; i++)
        {
            var job = jobs[part[i]];
            var at = 1 + (EachJob * i);
            arguments[at] = EntryHeader.Head(ids[part[i]]);
            arguments[at + 1] = last is not null && HasTailOf(last, job) ? RedisValue.EmptyString : EntryHeader.Tail(job);
            arguments[at + 2] = job.Payload.ToArray();
            last = job;
        }

        return arguments;
    }

    /// <summary>What enqueue.lua takes: docs/reference/protocol.md tells it to other languages.</summary>
    internal static RedisValue[] EnqueueArguments(IReadOnlyList<JobRequest> jobs, JobId[] ids, List<int> part)
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

    /// <param name="Queue">The queue of the jobs.</param>
    /// <param name="Requests">All jobs of the call.</param>
    /// <param name="Ids">Their ids.</param>
    /// <param name="Jobs">Which of them are added together.</param>
    /// <param name="IsAlone">Whether it is all of them.</param>
    private sealed record Part(QueueHandle Queue, IReadOnlyList<JobRequest> Requests, JobId[] Ids, List<int> Jobs, bool IsAlone);
}
