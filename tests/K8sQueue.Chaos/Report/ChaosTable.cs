using Spectre.Console;

namespace K8sQueue.Chaos.Report;

/// <summary>The rows as text.</summary>
internal static class ChaosTable
{
    private const int Width = 190;

    public static void Write(TextWriter output, IReadOnlyList<ChaosRow> rows)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = Width;
        var table = new Table().Border(TableBorder.Simple).AddColumn("scenario");
        foreach (var column in ChaosColumns.All)
            table.AddColumn(new TableColumn(column.Title).RightAligned());
        foreach (var row in rows)
        {
            var cells = ChaosColumns.All.Select(column => row.Figures is { } figures ? column.Cell(figures) : "");
            table.AddRow([row.Holds ? row.Name : row.Name + " BROKEN", .. cells]);
        }

        console.Write(table);
    }
}
