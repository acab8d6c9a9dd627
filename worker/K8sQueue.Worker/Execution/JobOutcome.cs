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

    /// <summary>Handed back unfinished: the worker has to go.</summary>
    public sealed record Released() : JobOutcome("released");

    /// <summary>The lease was lost: there is nothing to record, somebody else runs the job.</summary>
    public sealed record Lost() : JobOutcome("lost");
}
