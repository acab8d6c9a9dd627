using K8sQueue.Core.Jobs;

namespace K8sQueue.Chaos.Histories.Rules;

/// <summary>An acknowledged job is done or a dead letter, but for those that the broker may have forgotten; a tracked job's record says so, too.</summary>
internal sealed class NoJobLostRule : IHistoryRule
{
    public IEnumerable<string> Check(HistoryContext context)
    {
        var lost = context.Lost.Where(job => !context.IsForgotten(job.Acknowledged!.At)).Select(job => job.Id).ToList();
        if (lost.Count > 0)
            yield return $"{lost.Count} acknowledged jobs were lost: {HistoryContext.Name(lost)}";

        var open = context.Evidence.Tracked.Where(job => job.Value is not (JobState.Completed or JobState.Dead))
            .Select(job => $"{job.Key} ({job.Value})").ToList();
        if (open.Count > 0)
            yield return $"{open.Count} tracked jobs have not ended: {HistoryContext.Name(open)}";
    }
}
