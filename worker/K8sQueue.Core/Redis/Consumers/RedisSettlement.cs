using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis.Consumers;

/// <summary>Tells the broker how jobs ended: one script call for all jobs of a queue.</summary>
internal sealed class RedisSettlement(RedisServices services, QueueHandle[] queues, LeaseTable leases)
{
    /// <summary>Jobs a script call ends; Lua passes no more than some thousand arguments on.</summary>
    private const int BatchSize = 1000;

    private const int Lanes = 4;

    /// <summary>Lost workers after which a job holds a slot that its end sets free (prelude.lua).</summary>
    private const int SuspectCrashes = 2;

    private const int MaxErrorLength = 16 * 1024;

    public async Task<LeaseOutcome[]> CompleteAsync(IReadOnlyList<JobCompletion> completions)
    {
        // Few jobs hold something that their end sets free; the others are ended without a look at their entries.
        if (!completions.Any(MattersAtEnd))
            return await CompletePlainAsync(completions).ConfigureAwait(false);
        var outcomes = await Task.WhenAll(
            CompletePlainAsync([.. completions.Where(c => !MattersAtEnd(c))]),
            FinishAsync([.. completions.Where(MattersAtEnd)])).ConfigureAwait(false);
        int plain = 0, holding = 0;
        return [.. completions.Select(c => MattersAtEnd(c) ? outcomes[1][holding++] : outcomes[0][plain++])];
    }

    private static bool MattersAtEnd(JobCompletion completion) =>
        completion.Lease.Job.Traits is { MattersAtEnd: true } || completion.Lease.Job.Crashes >= SuspectCrashes;

    private Task<LeaseOutcome[]> CompletePlainAsync(IReadOnlyList<JobCompletion> completions) =>
        SettleAsync(completions.Count, i => completions[i].Lease, RedisScript.Complete, batch => CompletionArguments(completions, batch));

    private Task<LeaseOutcome[]> FinishAsync(IReadOnlyList<JobCompletion> completions)
    {
        RedisValue retention = EntryHeader.Milliseconds(services.Options.CompletedRetention);
        return SettleAsync(completions.Count, i => completions[i].Lease, RedisScript.Finish, batch => Arguments(retention, batch, i =>
        [
            Lane(completions[i].Lease), completions[i].Lease.EntryId, completions[i].Result?.ToArray() ?? [],
        ]));
    }

    public Task<LeaseOutcome[]> RetryAsync(IReadOnlyList<JobRetry> retries) =>
        SettleAsync(retries.Count, i => retries[i].Lease, RedisScript.Retry, batch => Arguments(null, batch, i =>
        [
            Lane(retries[i].Lease), retries[i].Lease.EntryId, EntryHeader.Milliseconds(retries[i].Delay), Error(retries[i].Error),
        ]));

    public Task<LeaseOutcome[]> BuryAsync(IReadOnlyList<JobBurial> burials)
    {
        RedisValue retention = EntryHeader.Milliseconds(services.Options.DeadRetention);
        return SettleAsync(burials.Count, i => burials[i].Lease, RedisScript.Bury, batch => Arguments(retention, batch, i =>
        [
            Lane(burials[i].Lease), burials[i].Lease.EntryId, burials[i].Reason, Error(burials[i].Error),
        ]));
    }

    public Task<LeaseOutcome[]> ReleaseAsync(IReadOnlyList<JobLease> released) =>
        SettleAsync(released.Count, i => released[i], RedisScript.Release, batch => Arguments(null, batch, i =>
        [
            Lane(released[i]), released[i].EntryId,
        ]));

    public Task<LeaseOutcome[]> CancelAsync(IReadOnlyList<JobLease> cancelled)
    {
        RedisValue retention = EntryHeader.Milliseconds(services.Options.CompletedRetention);
        return SettleAsync(cancelled.Count, i => cancelled[i], RedisScript.Stop, batch => Arguments(retention, batch, i =>
        [
            Lane(cancelled[i]), cancelled[i].EntryId,
        ]));
    }

    private async Task<LeaseOutcome[]> SettleAsync(
        int count, Func<int, JobLease> lease, RedisScript script, Func<int[], RedisValue[]> arguments)
    {
        var outcomes = new LeaseOutcome[count];
        Array.Fill(outcomes, LeaseOutcome.Gone);
        await Task.WhenAll(Batches(count, lease).Select(SettleBatchAsync)).ConfigureAwait(false);
        return outcomes;

        async Task SettleBatchAsync(Batch batch)
        {
            var queue = batch.Queue;
            try
            {
                var reply = await services.Connection
                    .EvaluateAsync(script, queues[queue].Keys, arguments(batch.Indexes)).ConfigureAwait(false);
                var answer = (string)reply!;
                for (var i = 0; i < answer.Length; i++)
                    outcomes[batch.Indexes[i]] = answer[i] == '1' ? LeaseOutcome.Done : LeaseOutcome.Gone;
                services.Metrics.FencedWrite(queues[queue].Name, answer.AsSpan().Count('0'));
            }
            catch
            {
                foreach (var index in batch.Indexes)
                    leases.NotEnded(queue, lease(index).Lane, lease(index).EntryId);
                throw;
            }

            foreach (var index in batch.Indexes)
                leases.Ended(queue, lease(index).Lane, lease(index).EntryId);
        }
    }

    /// <summary>The leases that are held, by queue, sorted by lane. One that is not held is gone, and the broker is not asked.</summary>
    private IEnumerable<Batch> Batches(int count, Func<int, JobLease> lease)
    {
        var (sorted, ends) = Sort(count, lease);
        for (var queue = 0; queue < queues.Length; queue++)
        {
            var end = ends[(queue * Lanes) + Lanes - 1];
            for (var start = queue == 0 ? 0 : ends[(queue * Lanes) - 1]; start < end; start += BatchSize)
            {
                var batch = sorted.AsSpan(start, Math.Min(BatchSize, end - start)).ToArray();
                var held = Array.FindAll(batch, i => leases.BeginEnd(queue, lease(i).Lane, lease(i).EntryId));
                services.Metrics.FencedWrite(queues[queue].Name, batch.Length - held.Length);
                if (held.Length > 0)
                    yield return new Batch(queue, held);
            }
        }
    }

    /// <summary>The positions of leases by queue and lane, in their order, and where each lane's end. Those of other queues are left out.</summary>
    private (int[] Sorted, int[] Ends) Sort(int count, Func<int, JobLease> lease)
    {
        var lanes = new int[count];
        var ends = new int[queues.Length * Lanes];
        for (var i = 0; i < count; i++)
        {
            var queue = IndexOf(lease(i).Job.Id.Queue);
            lanes[i] = queue < 0 ? -1 : (queue * Lanes) + (int)lease(i).Lane;
            if (queue >= 0)
                ends[lanes[i]]++;
        }

        for (var lane = 1; lane < ends.Length; lane++)
            ends[lane] += ends[lane - 1];
        var next = new int[ends.Length];
        ends.AsSpan(..^1).CopyTo(next.AsSpan(1));
        var sorted = new int[ends[^1]];
        for (var i = 0; i < count; i++)
        {
            if (lanes[i] >= 0)
                sorted[next[lanes[i]]++] = i;
        }

        return (sorted, ends);
    }

    private int IndexOf(string name)
    {
        for (var i = 0; i < queues.Length; i++)
        {
            if (queues[i].Name == name)
                return i;
        }

        return -1;
    }

    private RedisValue[] CompletionArguments(IReadOnlyList<JobCompletion> completions, int[] batch)
    {
        var arguments = new List<RedisValue>(batch.Length + 5) { EntryHeader.Milliseconds(services.Options.CompletedRetention) };
        Span<int> lanes = stackalloc int[4];
        lanes.Clear();
        foreach (var i in batch)
            lanes[(int)completions[i].Lease.Lane]++;
        foreach (var lane in lanes)
            arguments.Add(lane);
        foreach (var i in batch)
            arguments.Add(completions[i].Lease.EntryId);
        for (var position = 0; position < batch.Length; position++)
        {
            var completion = completions[batch[position]];
            if (!completion.Lease.Job.Id.IsTracked)
                continue;
            arguments.Add(position + 1);
            arguments.Add(completion.Lease.Job.Id.Ulid);
            arguments.Add(completion.Result?.ToArray() ?? []);
        }

        return [.. arguments];
    }

    private static RedisValue[] Arguments(RedisValue? first, int[] batch, Func<int, RedisValue[]> each) =>
        first is { } value ? [value, .. batch.SelectMany(each)] : [.. batch.SelectMany(each)];

    private static RedisValue Lane(JobLease lease) => (int)lease.Lane + 1;

    private static string Error(string error) => error.Length <= MaxErrorLength ? error : error[..MaxErrorLength];

    private readonly record struct Batch(int Queue, int[] Indexes);
}
