namespace K8sQueue.Operator.Revisions;

/// <summary>A revision's Deployment and its pods, as seen.</summary>
/// <param name="Name">The Deployment's name.</param>
/// <param name="IsCurrent">It is made from the spec as it is now.</param>
public sealed record RevisionState(string Name, bool IsCurrent)
{
    /// <summary>The higher, the later it was the current one.</summary>
    public int Number { get; init; }

    /// <summary>The Deployment's <c>spec.replicas</c>.</summary>
    public int Replicas { get; init; }

    /// <summary>Ready pods that nobody has deleted.</summary>
    public int Ready { get; init; }

    /// <summary>Pods that nobody has deleted and that have not ended, waiting ones too.</summary>
    public int Active { get; init; }

    /// <summary>Pods that were deleted and have not ended.</summary>
    public int Terminating { get; init; }

    /// <summary>Of the active ones, those without the gate.</summary>
    public int Granted { get; init; }

    /// <summary>More pods of this revision that the budgets could grant now; null for any number.</summary>
    public int? Room { get; init; }

    /// <summary>Pods that there are, or may be before anybody hears of them.</summary>
    public int Occupied => Math.Max(Replicas, Active) + Terminating;

    /// <summary>Replicas that serve or may yet: where no budget has room, those that wait for their grant are of no use.</summary>
    public int Useful => Room == 0 ? Math.Min(Replicas, Granted) : Replicas;

    /// <summary>Replicas to add that could be granted: those that wait already come first.</summary>
    public int Growth => Room is { } room ? Math.Max(0, Granted + room - Replicas) : int.MaxValue;
}
