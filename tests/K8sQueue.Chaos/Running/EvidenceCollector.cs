using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Histories.Rules;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;

namespace K8sQueue.Chaos.Running;

/// <summary>Ends a scenario: lets every job end, drains the workers, keeps house as an API would, and reads what there is to read.</summary>
internal sealed class EvidenceCollector(ScenarioContext context)
{
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan LeftBound = TimeSpan.FromSeconds(45);
    private const int MaxDeadLetters = 10_000;

    private readonly RedisJobQueue _queue = context.Jobs;

    public async Task<ChaosEvidence> CollectAsync()
    {
        await AllEndAsync();
        await using (new Housekeeper(_queue, context.Queues, context.Scale.Timings))
        {
            await context.Fleet.DrainAllAsync();
            await NothingIsLeftAsync();
        }

        var totals = new BrokerTotals();
        var dead = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var queue in context.Queues)
        {
            totals += Totals(await _queue.GetStatisticsAsync(queue, context.CancellationToken));
            foreach (var letter in await _queue.ListDeadLettersAsync(queue, 0, MaxDeadLetters, context.CancellationToken))
                dead[letter.Job.Id.Value] = letter.Reason;
        }

        await using var inspector = await context.InspectAsync();
        return new ChaosEvidence
        {
            Acknowledged = context.Producer.Acknowledged,
            UnknownKeys = context.Producer.UnknownKeys,
            RefusedKeys = context.Producer.RefusedKeys,
            History = HistoryFile.ReadAll(context.Folder),
            DeadLetters = dead,
            Tracked = await TrackedAsync(),
            Totals = totals,
            Keys = await inspector.KeysAsync(),
            Losses = context.Fleet.Losses,
            Forgotten = context.Forgotten,
        };
    }

    private async Task AllEndAsync()
    {
        try
        {
            await Eventually.IsTrue(
                async () =>
                {
                    var all = await Task.WhenAll(context.Queues.Select(queue => _queue.GetStatisticsAsync(queue, context.CancellationToken).AsTask()));
                    return all.All(statistics => statistics.Backlog.Demand + statistics.Delayed == 0);
                },
                EndBound);
        }
        catch (TimeoutException)
        {
            context.Require(false, $"not every job ended within {EndBound.TotalSeconds:0} s");
        }
    }

    // The consumers of lost workers leave when they were silent for long enough.
    private async Task NothingIsLeftAsync()
    {
        await using var inspector = await context.InspectAsync();
        try
        {
            await Eventually.IsTrue(async () => !NothingLeftRule.Left(await inspector.KeysAsync()).Any(), LeftBound);
        }
        catch (TimeoutException)
        {
            // The rule says what it is.
        }
    }

    private async Task<Dictionary<string, JobState>> TrackedAsync()
    {
        var states = new Dictionary<string, JobState>(StringComparer.Ordinal);
        var ids = context.Producer.Acknowledged.Where(job => !context.Forgotten.Any(amnesia => amnesia.Covers(job.At)))
            .Select(job => JobId.Parse(job.Id)).Where(id => id.IsTracked);
        foreach (var chunk in ids.Chunk(500))
        {
            var jobs = await Task.WhenAll(chunk.Select(id => _queue.GetJobAsync(id, context.CancellationToken).AsTask()));
            foreach (var (id, job) in chunk.Zip(jobs))
            {
                context.Require(job is not null, $"the record of {id} is gone");
                if (job is not null)
                    states[id.Value] = job.State;
            }
        }

        return states;
    }

    private static BrokerTotals Totals(QueueStatistics statistics) => new()
    {
        Enqueued = statistics.EnqueuedTotal,
        Started = statistics.StartedTotal,
        Completed = statistics.CompletedTotal,
        Retried = statistics.RetriedTotal,
        Recovered = statistics.RecoveredTotal,
        Released = statistics.ReleasedTotal,
        Buried = statistics.BuriedTotal,
    };
}
