using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.InMemory;

/// <summary>One delivery of a job: it stands in a lane, then with one owner, and a successor takes its place.</summary>
internal sealed class InMemoryEntry
{
    public required string Id { get; init; }

    public required JobEnvelope Job { get; init; }

    /// <summary>Where the entry stands; the job's own lane is in its envelope.</summary>
    public required Lane Lane { get; init; }

    /// <summary>When it was put in its lane.</summary>
    public required DateTimeOffset PutAt { get; init; }

    /// <summary>From when its age counts.</summary>
    public required DateTimeOffset Since { get; init; }

    public InMemoryJobConsumer? Owner { get; set; }

    public CancellationTokenSource Lost { get; } = new();

    public CancellationTokenSource Cancelled { get; } = new();

    /// <summary>Cancels <see cref="Lost"/>; what hangs on it runs elsewhere, since the gate is held.</summary>
    public void Lose() => _ = Lost.CancelAsync();

    /// <summary>Cancels <see cref="Cancelled"/> likewise.</summary>
    public void Cancel() => _ = Cancelled.CancelAsync();
}
