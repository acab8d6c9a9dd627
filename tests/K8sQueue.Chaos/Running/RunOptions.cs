using K8sQueue.Chaos.Scenarios;

namespace K8sQueue.Chaos.Running;

/// <summary>What a run does.</summary>
internal sealed record RunOptions
{
    public required bool Quick { get; init; }

    /// <summary>The names of the scenarios to run; null for all, or for all of a quick run.</summary>
    public IReadOnlyList<string>? Only { get; init; }

    /// <summary>Repeats a run's faults, as far as the machine lets it.</summary>
    public required int Seed { get; init; }

    /// <summary>Where chaos.json, and histories and logs of scenarios that failed, are written.</summary>
    public required DirectoryInfo Output { get; init; }

    /// <summary>The document that is written; null for none.</summary>
    public FileInfo? Evidence { get; init; }

    /// <summary>Whether the document is to be of this run: a part of the scenarios, or small ones, are no evidence.</summary>
    public bool IsWhole => !Quick && Only is null;

    public IEnumerable<ChaosScenario> Scenarios => ChaosScenarios.All.Where(
        scenario => Only is null ? scenario.IsQuick || !Quick : Only.Contains(scenario.Name, StringComparer.Ordinal));
}
