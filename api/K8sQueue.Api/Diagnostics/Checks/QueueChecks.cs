using static System.FormattableString;

namespace K8sQueue.Api.Diagnostics.Checks;

/// <summary>Whether the queues' jobs get done.</summary>
internal static class QueueChecks
{
    /// <summary>How old a job may grow before somebody should read its queue: a pool comes from zero in that time.</summary>
    public static readonly TimeSpan StartOfPool = TimeSpan.FromMinutes(2);

    /// <summary>Jobs that are younger do not count as late.</summary>
    public static readonly TimeSpan Late = TimeSpan.FromMinutes(5);

    /// <summary>What is compared with an earlier look must be as long ago.</summary>
    public static readonly TimeSpan LeastSpan = TimeSpan.FromMinutes(1);

    public static readonly IReadOnlyList<DiagnosticCheck> All =
    [
        new(
            "no-consumers",
            "Jobs pile up and none starts: the mails never arrive.",
            "No worker reads the queue: it is not deployed, reads another queue or Redis, or its pool does not come from zero.",
            "Deploy a worker whose `K8SQUEUE_QUEUES` has the queue, on this Redis; look at its pool's conditions.",
            facts => Each(facts, DiagnosticStatus.Error, queue =>
                queue.Now is { Backlog: { Waiting: > 0, Paused: false }, Consumers: 0, OldestAge: { } age } && age >= StartOfPool
                    ? Invariant($"{queue.Now.Backlog.Waiting} jobs wait, the oldest for {age.TotalSeconds:0} s, and no worker reads it")
                    : null)),
        new(
            "oldest-job-ages",
            "Jobs start later and later.",
            "The queue's workers do less than comes in: too few, too slow, or held by a limit or a budget.",
            "Compare `GET /v1/queues/QUEUE/capacity` with the pool's maximum and `limitedBy`; raise what limits it.",
            facts => Each(facts, DiagnosticStatus.Warning, queue =>
                queue is { Now: { OldestAge: { } now, Backlog.Paused: false, Consumers: > 0 }, Before.OldestAge: { } before }
                    && now >= Late && queue.Span >= LeastSpan && now - before >= queue.Span / 2
                    ? Invariant($"the oldest job was {before.TotalSeconds:0} s old {queue.Span.TotalSeconds:0} s ago, and is {now.TotalSeconds:0} s old now")
                    : null)),
        new(
            "paused-with-backlog",
            "Jobs of one queue wait while its workers are idle, or its pool is at zero.",
            "Somebody paused the queue, and nobody resumed it.",
            "`POST /v1/queues/QUEUE/resume`.",
            facts => Each(facts, DiagnosticStatus.Warning, queue => queue.Now.Backlog is { Paused: true, Waiting: > 0 }
                ? Invariant($"{queue.Now.Backlog.Waiting} jobs wait")
                : null)),
        new(
            "dead-letters-grow",
            "Jobs fail for good.",
            "Handlers fail at each attempt: a bug, bad payloads, or something that they need is down.",
            "Read the errors at `GET /v1/queues/QUEUE/dead-letters`, mend their cause, then redrive them.",
            facts => Each(facts, DiagnosticStatus.Warning, queue => queue.Before is { } before && queue.Now.DeadLetters > before.DeadLetters
                ? Invariant($"{queue.Now.DeadLetters - before.DeadLetters} more in {queue.Span.TotalSeconds:0} s, {queue.Now.DeadLetters} in all")
                : null)),
    ];

    /// <summary>A check of each queue: null for one that is fine, else what is wrong with it.</summary>
    public static Finding Each(DiagnosticFacts facts, DiagnosticStatus status, Func<QueueFacts, string?> look) => facts.Queues is null
        ? Finding.Skipped("The queues can't be read.")
        : Finding.Of(status, facts.Queues.Select(queue => (queue.Name, Detail: look(queue))).Where(one => one.Detail is not null).Select(one => (one.Name, one.Detail!)));
}
