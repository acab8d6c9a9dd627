using System.Text.Json;

namespace K8sQueue.Benchmarks.Workers.Soak;

/// <summary>What a soak showed.</summary>
/// <param name="Start">The first sample that counts, when everything was compiled.</param>
/// <param name="Middle">Half-way.</param>
/// <param name="End">The last one.</param>
/// <param name="IsWhole">No job was lost: what was not completed is in the queue.</param>
internal sealed record SoakFigures(SoakSample Start, SoakSample Middle, SoakSample End, bool IsWhole)
{
    // Until code is compiled and the heap has its size.
    private const double WarmUpSeconds = 10;

    public double Seconds => End.Seconds - Start.Seconds;

    public long Jobs => End.Jobs - Start.Jobs;

    public double JobsPerSecond => Jobs / Seconds;

    public double AllocatedBytesPerJob => (double)(End.AllocatedBytes - Start.AllocatedBytes) / Jobs;

    public IEnumerable<(string When, SoakSample Sample)> Points => [("start", Start), ("middle", Middle), ("end", End)];

    /// <exception cref="InvalidOperationException">The soak was too short.</exception>
    public static SoakFigures From(IReadOnlyList<SoakSample> samples, bool isWhole)
    {
        var counted = samples.Where(sample => sample.Seconds >= WarmUpSeconds).ToList();
        return counted.Count >= 3
            ? new SoakFigures(counted[0], counted[counted.Count / 2], counted[^1], isWhole)
            : throw new InvalidOperationException($"A soak must be longer than {WarmUpSeconds + 3:0} s: its worker printed {samples.Count} samples.");
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("soak");
        json.WriteNumber("seconds", Math.Round(Seconds));
        json.WriteNumber("jobs", Jobs);
        json.WriteNumber("jobs_per_second", Math.Round(JobsPerSecond));
        json.WriteNumber("allocated_bytes_per_job", Math.Round(AllocatedBytesPerJob));
        json.WriteBoolean("whole", IsWhole);
        foreach (var (when, sample) in Points)
        {
            json.WriteStartObject(when);
            json.WriteNumber("seconds", Math.Round(sample.Seconds));
            json.WriteNumber("heap_mib", sample.HeapMib);
            json.WriteNumber("rss_mib", sample.RssMib);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
