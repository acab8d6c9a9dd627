using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis.Consumers;

/// <summary>Tells the broker how jobs ended: one script call for all jobs of a queue.</summary>
internal sealed class RedisSettlement(RedisServices services, QueueHandle[] queues, LeaseTable leases)
{
    /// <summary>Jobs a script call ends; Lua passes no more than some thousand arguments on.</summary>
    private const int BatchSize = 1000;

    private const int MaxErrorLength = 16 * 1024;

    public Task<LeaseOutcome[]> CompleteAsync(IReadOnlyList<JobCompletion> completions) =>
        SettleAsync(completions.Count, i => completions[i].Lease, RedisScript.Complete, batch => CompletionArguments(completions, batch));

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

    private async Task<LeaseOutcome[]> SettleAsync(
        int count, Func<int, JobLease> lease, RedisScript script, Func<int[], RedisValue[]> arguments)
    {
        var outcomes = new LeaseOutcome[count];
        Array.Fill(outcomes, LeaseOutcome.Gone);
        foreach (var batch in Batches(count, lease))
        {
            var queue = batch.Queue;
            try
            {
                var reply = await services.Connection
                    .EvaluateAsync(script, queues[queue].Keys, arguments(batch.Indexes)).ConfigureAwait(false);
                var answer = (string)reply!;
                for (var i = 0; i < answer.Length; i++)
                    outcomes[batch.Indexes[i]] = answer[i] == '1' ? LeaseOutcome.Done : LeaseOutcome.Gone;
                services.Metrics.FencedWrite(queues[queue].Name, answer.Count(c => c == '0'));
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

        return outcomes;
    }

    /// <summary>The leases that are held, by queue, sorted by lane. One that is not held is gone, and the broker is not asked.</summary>
    private IEnumerable<Batch> Batches(int count, Func<int, JobLease> lease)
    {
        for (var queue = 0; queue < queues.Length; queue++)
        {
            var name = queues[queue].Name;
            var mine = Enumerable.Range(0, count).Where(i => lease(i).Job.Id.Queue == name).OrderBy(i => lease(i).Lane);
            foreach (var chunk in mine.Chunk(BatchSize))
            {
                var held = Array.FindAll(chunk, i => leases.BeginEnd(queue, lease(i).Lane, lease(i).EntryId));
                services.Metrics.FencedWrite(name, chunk.Length - held.Length);
                if (held.Length > 0)
                    yield return new Batch(queue, held);
            }
        }
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
