using K8sQueue.Api.Workers;

namespace K8sQueue.Api.Diagnostics.Checks;

/// <summary>Whether a queue is read by one kind of consumer only.</summary>
internal static class ConsumerChecks
{
    private const int MaxNames = 5;

    public static readonly IReadOnlyList<DiagnosticCheck> All =
    [
        new(
            "two-kinds-of-consumers",
            "Some jobs run in a place where nobody expects them, by other code or an older release, and compete for its resources.",
            "An API runs a worker in its process (`DISABLE_BACKGROUND_WORKERS=false`) of a queue that other workers read, too.",
            "Set `DISABLE_BACKGROUND_WORKERS=true` on the API, or take the queue out of the others' `K8SQUEUE_QUEUES`.",
            facts => QueueChecks.Each(facts, DiagnosticStatus.Warning, queue => queue.Workers.ToLookup(InProcess.IsName) is var kinds && kinds[true].Any() && kinds[false].Any()
                ? $"read in the API's process by {string.Join(", ", kinds[true].Take(MaxNames))}, and by {string.Join(", ", kinds[false].Take(MaxNames))}"
                : null)),
        new(
            "two-queue-systems",
            "A job runs twice, or some jobs of a queue are never seen by its workers.",
            "Another queue system has a queue of the same name in this Redis: half of the producers or consumers were moved.",
            "Move all of them, or give the new queue another name; delete what is left of the old one.",
            facts => QueueChecks.Each(facts, DiagnosticStatus.Warning, queue => queue.ForeignKeys.Count > 0
                ? $"there is {string.Join(", ", queue.ForeignKeys)}, too"
                : null)),
    ];
}
