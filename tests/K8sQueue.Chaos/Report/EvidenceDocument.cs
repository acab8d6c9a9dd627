using System.Globalization;
using System.Text;
using K8sQueue.Chaos.Running;

namespace K8sQueue.Chaos.Report;

/// <summary>docs/evidence.md.</summary>
internal static class EvidenceDocument
{
    public static async Task<string> WriteAsync(FileInfo file, Machine machine, ChaosScale scale, IReadOnlyList<ChaosRow> rows)
    {
        await File.WriteAllTextAsync(file.FullName, Text(machine, scale, rows));
        return file.FullName;
    }

    public static string Text(Machine machine, ChaosScale scale, IReadOnlyList<ChaosRow> rows)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            <!-- Written by `make chaos`. Don't edit it: change the scenarios in tests/K8sQueue.Chaos, and run it again. -->
            # Evidence

            What becomes of jobs when workers, the network and Redis break. One run of `make chaos`, which wrote this page; its seeds differ from run to run,
            and it ends with an error where a row breaks a promise. {machine}, which other work shared; lease {scale.Lease.TotalSeconds:0.#} s, heartbeat and
            housekeeping as by default. Workers are processes of their own that run the worker library; each writes down every delivery, the begin and end
            of every handler, and every answer of the broker, in a file that outlives it. [How it works](../tests/K8sQueue.Chaos/README.md).


            """);
        WriteTable(text, rows);
        text.Append("\n## Columns\n\n");
        foreach (var column in ChaosColumns.All)
            text.Append(CultureInfo.InvariantCulture, $"- **{column.Title}**: {column.Means}\n");
        text.Append("\n## Rows\n\n");
        foreach (var row in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"- **{row.Name}**: {string.Join(' ', row.Notes.Prepend(row.Shows))}\n");
            foreach (var violation in row.Violations)
                text.Append(CultureInfo.InvariantCulture, $"  - Broken: {violation}\n");
        }

        return text.ToString();
    }

    private static void WriteTable(StringBuilder text, IReadOnlyList<ChaosRow> rows)
    {
        text.Append("| scenario |");
        foreach (var column in ChaosColumns.All)
            text.Append(CultureInfo.InvariantCulture, $" {column.Title} |");
        text.Append("\n|---|").AppendJoin("", ChaosColumns.All.Select(_ => "---:|")).Append('\n');
        foreach (var row in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {row.Name}{(row.Holds ? "" : " (broken)")} |");
            foreach (var column in ChaosColumns.All)
                text.Append(CultureInfo.InvariantCulture, $" {(row.Figures is { } figures ? column.Cell(figures) : "")} |");
            text.Append('\n');
        }
    }
}
