using System.Globalization;

namespace K8sQueue.Chaos.Histories;

/// <summary>A line of a history.</summary>
/// <param name="At">When, in nanoseconds of the machine's monotonic clock.</param>
/// <param name="Process">The process that wrote it.</param>
/// <param name="Job">The job's id; empty where it is about none.</param>
/// <param name="Epoch">The fencing token of the start that it belongs to.</param>
internal sealed record HistoryRecord(long At, HistoryKind Kind, string Process, string Job, int Attempt, long Epoch, string Detail = "")
{
    /// <summary>Whether the broker accepted an outcome of a start.</summary>
    public bool IsOutcome => Kind is HistoryKind.Completed or HistoryKind.Retried or HistoryKind.Buried or HistoryKind.Released;

    public string ToLine() => string.Create(CultureInfo.InvariantCulture, $"{At} {Kind} {(Job.Length == 0 ? "-" : Job)} {Attempt} {Epoch} {Detail}\n");

    /// <summary>Reads a whole line without its end.</summary>
    /// <exception cref="FormatException">It is not one of <see cref="ToLine"/>.</exception>
    public static HistoryRecord Parse(string process, string line)
    {
        var fields = line.Split(' ', 6);
        if (fields.Length != 6 || !Enum.TryParse<HistoryKind>(fields[1], out var kind))
            throw new FormatException($"'{line}' is not a line of a history.");
        return new HistoryRecord(
            long.Parse(fields[0], CultureInfo.InvariantCulture),
            kind,
            process,
            fields[2] == "-" ? "" : fields[2],
            int.Parse(fields[3], CultureInfo.InvariantCulture),
            long.Parse(fields[4], CultureInfo.InvariantCulture),
            fields[5]);
    }
}
