using System.Globalization;
using Spectre.Console;

namespace K8sQueue.Quickstart.Run;

/// <summary>One moment of the run.</summary>
public sealed record Moment(
    TimeSpan Elapsed, long Backlog, int Desired, int Granted, int Running, int Draining, long Done, long Failed, int Connections, string LimitedBy);

/// <summary>Shows moments: a table that redraws itself on a terminal, a line on every change elsewhere.</summary>
public interface ILiveView
{
    void Show(Moment moment);
}

/// <summary>For logs: a line when something other than the counters changed, and once every few seconds.</summary>
public sealed class PlainView : ILiveView
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(3);
    private Moment? _last;

    public void Show(Moment moment)
    {
        var changed = _last is null
            || (_last.Desired, _last.Granted, _last.Running, _last.Draining, _last.LimitedBy)
                != (moment.Desired, moment.Granted, moment.Running, moment.Draining, moment.LimitedBy);
        if (!changed && moment.Elapsed - _last!.Elapsed < Every)
            return;
        _last = moment;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{moment.Elapsed.TotalSeconds,5:0.0}s  backlog {moment.Backlog,5}  desired {moment.Desired,2}  granted {moment.Granted,2}  running {moment.Running,2}  draining {moment.Draining,2}  done {moment.Done,5}  failed {moment.Failed}  connections {moment.Connections,2}  {moment.LimitedBy}"));
    }
}

/// <summary>For terminals.</summary>
public sealed class TableView(LiveDisplayContext context) : ILiveView
{
    public static Table NewTable()
    {
        var table = new Table().Border(TableBorder.Rounded).Title("WorkerPool [bold]quickstart[/]");
        foreach (var column in (string[])["time", "backlog", "desired", "granted", "running", "draining", "done", "failed", "connections", "limited by"])
            table.AddColumn(new TableColumn(column).RightAligned());
        return table;
    }

    public void Show(Moment moment)
    {
        var table = NewTable();
        table.AddRow(
            Text($"{moment.Elapsed.TotalSeconds:0.0} s"), Text($"{moment.Backlog}"), Text($"{moment.Desired}"), Text($"{moment.Granted}"),
            Text($"{moment.Running}"), Text($"{moment.Draining}"), Text($"{moment.Done}"), Text($"{moment.Failed}"),
            Text($"{moment.Connections}"), Markup.Escape(moment.LimitedBy));
        context.UpdateTarget(table);
    }

    private static string Text(FormattableString value) => value.ToString(CultureInfo.InvariantCulture);
}
