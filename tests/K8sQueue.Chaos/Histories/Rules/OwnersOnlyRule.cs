namespace K8sQueue.Chaos.Histories.Rules;

/// <summary>
/// Only the owner ends a job: of each start the broker takes one outcome at most, from the process that the start was delivered to, and a
/// completion or a burial is that of the last start.
/// </summary>
internal sealed class OwnersOnlyRule : IHistoryRule
{
    public IEnumerable<string> Check(HistoryContext context)
    {
        var strangers = new List<string>();
        foreach (var job in context.Jobs)
        {
            var outcomes = job.Records.Where(record => record.IsOutcome && !context.IsForgotten(record.At)).ToList();
            var last = job.Fetches.Where(fetch => !context.IsForgotten(fetch.At)).Select(fetch => fetch.Epoch).DefaultIfEmpty().Max();
            foreach (var start in outcomes.GroupBy(outcome => outcome.Epoch))
            {
                if (start.Skip(1).Any())
                    strangers.Add($"{job.Id} (token {start.Key}: {string.Join(", ", start.Select(o => $"{o.Kind} by {o.Process}"))})");
                if (!job.Fetches.Any(fetch => fetch.Epoch == start.Key && fetch.Process == start.First().Process))
                    strangers.Add($"{job.Id} (token {start.Key} was never {start.First().Process}'s)");
                if (start.Key < last && start.FirstOrDefault(o => o.Kind is HistoryKind.Completed or HistoryKind.Buried) is { } end)
                    strangers.Add($"{job.Id} ({end.Kind} by {end.Process} with token {end.Epoch}, though it started again with {last})");
            }
        }

        if (strangers.Count > 0)
            yield return $"{strangers.Count} outcomes were taken from who was not the owner: {HistoryContext.Name(strangers)}";
    }
}
