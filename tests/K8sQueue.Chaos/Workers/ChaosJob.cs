using System.Text.Json;
using System.Text.Json.Serialization;

namespace K8sQueue.Chaos.Workers;

/// <summary>A job's payload: what its handler is to do.</summary>
/// <param name="Key">The producer's own number of the job, which is known also where the broker's answer was lost.</param>
/// <param name="Milliseconds">How long it works.</param>
/// <param name="Failures">How many attempts fail.</param>
/// <param name="Padding">Makes it large.</param>
internal sealed record ChaosJob(long Key, int Milliseconds = 0, int Failures = 0, string? Padding = null)
{
    public TimeSpan Duration => TimeSpan.FromMilliseconds(Milliseconds);

    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this, ChaosJson.Default.ChaosJob);
}

/// <summary>Reads and writes payloads.</summary>
[JsonSerializable(typeof(ChaosJob))]
internal sealed partial class ChaosJson : JsonSerializerContext;
