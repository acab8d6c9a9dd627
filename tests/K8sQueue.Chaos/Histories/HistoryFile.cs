using System.Text;
using K8sQueue.Chaos.Running;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Chaos.Histories;

/// <summary>
/// One process's history. Each record is one write(2) at the end of the file, not buffered here: what was written is the kernel's, and
/// outlives a SIGKILL of the process in the next instruction.
/// </summary>
internal sealed class HistoryFile : IDisposable
{
    private const string Extension = ".history";

    private readonly Lock _lock = new();
    private readonly FileStream _file;

    private HistoryFile(FileStream file) => _file = file;

    /// <summary>A new file in a folder of the process's own; a process that executes itself again begins another one.</summary>
    public static HistoryFile Create(string folder, string process)
    {
        var own = Directory.CreateDirectory(Path.Combine(folder, process)).FullName;
        var path = Path.Combine(own, $"{Guid.NewGuid():N}{Extension}");
        return new HistoryFile(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0));
    }

    public void Opened() => Write(new HistoryRecord(Clock.Now, HistoryKind.Opened, "", "", 0, 0));

    public void Add(HistoryKind kind, JobId job, int attempt, long epoch, string detail) =>
        Write(new HistoryRecord(Clock.Now, kind, "", job.Value, attempt, epoch, detail));

    public void Dispose() => _file.Dispose();

    /// <summary>Whether a process has opened its consumer.</summary>
    public static bool HasOpened(string folder, string process) => Of(folder, process).Any(record => record.Kind == HistoryKind.Opened);

    /// <summary>Whether more handlers of a process have begun than have ended.</summary>
    public static bool IsAtWork(string folder, string process) => Of(folder, process).Sum(static record => record.Kind switch
    {
        HistoryKind.Began => 1,
        HistoryKind.Ended or HistoryKind.Threw => -1,
        _ => 0,
    }) > 0;

    /// <summary>All records of all processes. A line that its process was killed in is no record.</summary>
    public static IReadOnlyList<HistoryRecord> ReadAll(string folder) =>
        [.. Directory.EnumerateFiles(folder, $"*{Extension}", SearchOption.AllDirectories).SelectMany(Records)];

    private static IEnumerable<HistoryRecord> Of(string folder, string process)
    {
        var own = Path.Combine(folder, process);
        return Directory.Exists(own) ? Directory.EnumerateFiles(own, $"*{Extension}").SelectMany(Records) : [];
    }

    private static IEnumerable<HistoryRecord> Records(string path)
    {
        var process = Path.GetFileName(Path.GetDirectoryName(path))!;
        return Lines(path).Select(line => HistoryRecord.Parse(process, line));
    }

    private static string[] Lines(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        var text = reader.ReadToEnd();
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private void Write(HistoryRecord record)
    {
        var bytes = Encoding.UTF8.GetBytes(record.ToLine());
        lock (_lock)
            _file.Write(bytes);
    }
}
