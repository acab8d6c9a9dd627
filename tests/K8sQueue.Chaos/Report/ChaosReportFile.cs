using System.Text.Json;
using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Running;

namespace K8sQueue.Chaos.Report;

/// <summary>chaos.json: a row a scenario.</summary>
internal static class ChaosReportFile
{
    public const string FileName = "chaos.json";

    public static async Task<string> WriteAsync(RunOptions options, Machine machine, IReadOnlyList<ChaosRow> rows)
    {
        options.Output.Create();
        var path = Path.Combine(options.Output.FullName, FileName);
        await using var stream = File.Create(path);
        await using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteNumber("seed", options.Seed);
        json.WriteBoolean("quick", options.Quick);
        json.WriteString("redis", machine.Redis);
        json.WriteString("runtime", machine.Runtime);
        json.WriteNumber("processors", machine.Processors);
        json.WriteStartArray("rows");
        foreach (var row in rows)
            Write(json, row);
        json.WriteEndArray();
        json.WriteEndObject();
        return path;
    }

    private static void Write(Utf8JsonWriter json, ChaosRow row)
    {
        json.WriteStartObject();
        json.WriteString("scenario", row.Name);
        json.WriteBoolean("holds", row.Holds);
        json.WriteNumber("seconds", Math.Round(row.Seconds, 1));
        if (row.Figures is { } figures)
            Write(json, figures);
        Write(json, "notes", row.Notes);
        Write(json, "violations", row.Violations);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ChaosFigures figures)
    {
        json.WriteNumber("enqueued", figures.Enqueued);
        json.WriteNumber("done", figures.Done);
        json.WriteNumber("dead_letters", figures.DeadLetters);
        json.WriteNumber("lost", figures.Lost);
        json.WriteNumber("duplicated", figures.CompletedTwice);
        json.WriteNumber("ran_twice", figures.RanTwice);
        json.WriteNumber("starts", figures.Starts);
        json.WriteNumber("recovered", figures.Recovered);
        json.WriteNumber("handed_back", figures.HandedBack);
        json.WriteNumber("retried", figures.Retried);
        json.WriteNumber("refused", figures.Refused);
        WriteSeconds(json, "done_p99_seconds", figures.DoneP99);
        WriteSeconds(json, "recovery_p99_seconds", figures.RecoveryP99);
        WriteSeconds(json, "recovery_max_seconds", figures.RecoveryMax);
    }

    private static void WriteSeconds(Utf8JsonWriter json, string name, double seconds)
    {
        if (double.IsNaN(seconds))
            json.WriteNull(name);
        else
            json.WriteNumber(name, Math.Round(seconds, 3));
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
