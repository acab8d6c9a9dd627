namespace K8sQueue.Operator.Revisions;

/// <summary>What a rollout has to keep to.</summary>
/// <param name="Target">Replicas that the pool is to have, over all revisions.</param>
/// <param name="MaxSurge">Pods beyond the target that the spec allows; 0 for none: then old ones go first.</param>
public sealed record RolloutBounds(int Target, int MaxSurge)
{
    /// <summary>
    /// Replicas that the current revision is to have in the end; null for the target. Where its replicas hold more than those of the old ones it is
    /// less, and each serves for several.
    /// </summary>
    public int? Limit { get; init; }

    /// <summary>Old replicas that have to go for one of the current revision, by what they hold.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Nothing of the current revision can be granted, whatever goes.</summary>
    public bool IsBlocked { get; init; }

    /// <summary>Replicas beyond the target that the budgets have room for; null where no budget limits it.</summary>
    public int? Spare { get; init; }

    /// <summary>
    /// Old replicas beside which the next one of the current revision has room, of all that the pool holds or that is nobody's; null where none has to
    /// go for it, or where it would be in vain.
    /// </summary>
    public int? MostKept { get; init; }

    /// <summary>The current revision has had its time and is not ready.</summary>
    public bool IsStalled { get; init; }

    /// <summary>The Deployment of the last revision that was rolled out completely; null where there is none.</summary>
    public string? Stable { get; init; }

    /// <summary>Old revisions to keep at zero replicas.</summary>
    public int HistoryLimit { get; init; }

    internal int CurrentLimit => Math.Min(Limit ?? Target, Target);

    /// <summary>Old replicas that so many ready ones of the current revision stand for.</summary>
    internal int ServedBy(int ready) =>
        ready >= CurrentLimit ? CurrentLimit == 0 ? 0 : Target : (int)((long)ready * Target / CurrentLimit);
}
