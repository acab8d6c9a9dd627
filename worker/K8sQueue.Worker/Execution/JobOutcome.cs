namespace K8sQueue.Worker.Execution;

/// <summary>How a start of a job ended.</summary>
internal abstract record JobOutcome
{
    private JobOutcome(string name) => Name = name;

    /// <summary>The value of the label <c>outcome</c>.</summary>
    public string Name { get; }

    /// <summary>The handler returned.</summary>
    public sealed record Completed(ReadOnlyMemory<byte>? Result) : JobOutcome("completed");

    /// <summary>The attempt failed, and there is another.</summary>
    public sealed record Retried(TimeSpan Delay, string Error) : JobOutcome("retried");

    /// <summary>The job is a dead letter.</summary>
    public sealed record Buried(string Reason, string Error) : JobOutcome("buried");

    /// <summary>The job was cancelled, and its handler stopped for that.</summary>
    public sealed record Cancelled() : JobOutcome("cancelled");

    /// <summary>Handed back unfinished: the worker has to go, or the lease was lost.</summary>
    public sealed record Released() : JobOutcome("released");
}
