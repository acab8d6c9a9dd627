using System.Text.Json;

namespace K8sQueue.Benchmarks;

/// <summary>A contender's part of a report's file, alike in all of them.</summary>
internal static class ContenderJson
{
    /// <summary>Writes settings, the medians, and each run.</summary>
    /// <param name="json">An open object.</param>
    /// <param name="name">The contender's name.</param>
    /// <param name="settings">Its settings in words.</param>
    /// <param name="medians">The medians of its runs.</param>
    /// <param name="runs">Its runs.</param>
    /// <param name="write">Writes figures into the open object.</param>
    public static void Write<T>(Utf8JsonWriter json, string name, string settings, T medians, IEnumerable<T> runs, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartObject(name);
        json.WriteString("settings", settings);
        write(json, medians);
        json.WriteStartArray("runs");
        foreach (var run in runs)
        {
            json.WriteStartObject();
            write(json, run);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
