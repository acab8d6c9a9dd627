using K8sQueue.Chaos.Histories;

namespace K8sQueue.Chaos.Report;

/// <summary>What one scenario showed.</summary>
internal sealed record ChaosRow
{
    public required string Name { get; init; }

    /// <summary>What was done, and what is to be seen.</summary>
    public required string Shows { get; init; }

    /// <summary>Null where it broke off.</summary>
    public required ChaosFigures? Figures { get; init; }

    /// <summary>What a reader should know of this run.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>What was promised and is not so.</summary>
    public required IReadOnlyList<string> Violations { get; init; }

    public required double Seconds { get; init; }

    /// <summary>Where its histories are, if it is broken.</summary>
    public required string Folder { get; init; }

    public bool Holds => Violations.Count == 0;
}
