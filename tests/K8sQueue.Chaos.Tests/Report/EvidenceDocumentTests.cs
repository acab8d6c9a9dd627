using K8sQueue.Chaos.Report;
using K8sQueue.Chaos.Scenarios;

namespace K8sQueue.Chaos.Tests.Report;

/// <summary>docs/evidence.md is of the scenarios that there are, and none of them was broken.</summary>
public sealed class EvidenceDocumentTests
{
    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(RepositoryFolder.Root, "docs", "evidence.md"));

    [Fact]
    public void It_has_a_row_for_every_scenario()
    {
        var rows = Lines.SkipWhile(line => !line.StartsWith("|---", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => line.StartsWith('|')).Select(line => line.Split('|')[1].Trim());

        rows.Should().Equal(ChaosScenarios.All.Select(scenario => scenario.Name));
    }

    [Fact]
    public void It_has_the_columns_of_the_table() =>
        Lines.First(line => line.StartsWith("| scenario", StringComparison.Ordinal)).Split('|', StringSplitOptions.RemoveEmptyEntries)
            .Skip(1).Select(title => title.Trim()).Should().Equal(ChaosColumns.All.Select(column => column.Title));

    [Fact]
    public void It_says_of_every_scenario_what_it_does() =>
        ChaosScenarios.All.Should().OnlyContain(scenario => Lines.Any(line => line.StartsWith($"- **{scenario.Name}**: {scenario.Shows}")));
}
