using System.Globalization;
using System.Text.Json;
using K8sQueue.Benchmarks.Workers.Soak;

namespace K8sQueue.Benchmarks.Workers.Report;

/// <summary>What the benchmark showed, as text and as bench-worker.json.</summary>
internal sealed record WorkerReport(IReadOnlyList<StartFigures> Starts, SoakFigures? Soak, double LoadBefore, double LoadAfter)
{
    private const string FileName = "bench-worker.json";

    public void Write(TextWriter output)
    {
        Line($"{"",-22}{"p50",10}{"max",10}");
        Row("ready in ms", start => start.ReadyMilliseconds, "0");
        Row("RSS at rest, MiB", start => start.RssMib, "0.0");
        Row("peak RSS, MiB", start => start.PeakMib, "0.0");
        Row("drained in ms", start => start.DrainMilliseconds, "0");
        if (Soak is { } soak)
        {
            Line($"\nsoak: {soak.Jobs:N0} jobs in {soak.Seconds:0} s, {soak.JobsPerSecond:N0}/s, {soak.AllocatedBytesPerJob:N0} bytes allocated a job{(soak.IsWhole ? "" : "; NOT WHOLE")}");
            foreach (var (when, sample) in soak.Points)
                Line($"  {when,-8} at {sample.Seconds,5:0} s: heap {sample.HeapMib,6:0.0} MiB, RSS {sample.RssMib,6:0.0} MiB");
        }

        Line($"load average {LoadBefore:0.0} before, {LoadAfter:0.0} after");

        void Line(FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));

        void Row(string name, Func<StartFigures, double> value, string format) => output.WriteLine(
            $"{name,-22}{Median(value).ToString(format, CultureInfo.InvariantCulture),10}{Max(value).ToString(format, CultureInfo.InvariantCulture),10}");
    }

    /// <summary>Writes the file and answers its path.</summary>
    public async Task<string> SaveAsync(DirectoryInfo folder)
    {
        folder.Create();
        var path = Path.Combine(folder.FullName, FileName);
        await using var stream = File.Create(path);
        await using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteNumber("processors", Environment.ProcessorCount);
        json.WriteNumber("load_before", LoadBefore);
        json.WriteNumber("load_after", LoadAfter);
        json.WriteNumber("starts", Starts.Count);
        Write(json, "ready_ms", start => start.ReadyMilliseconds);
        Write(json, "rss_mib", start => start.RssMib);
        Write(json, "peak_rss_mib", start => start.PeakMib);
        Write(json, "drained_ms", start => start.DrainMilliseconds);
        Soak?.Write(json);
        json.WriteEndObject();
        return path;
    }

    private void Write(Utf8JsonWriter json, string name, Func<StartFigures, double> value)
    {
        json.WriteStartObject(name);
        json.WriteNumber("p50", Math.Round(Median(value), 1));
        json.WriteNumber("max", Math.Round(Max(value), 1));
        json.WriteStartArray("each");
        foreach (var start in Starts)
            json.WriteNumberValue(Math.Round(value(start), 1));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private double Median(Func<StartFigures, double> value) => Starts.Select(value).Order().ElementAtOrDefault(Starts.Count / 2);

    private double Max(Func<StartFigures, double> value) => Starts.Select(value).DefaultIfEmpty().Max();
}
