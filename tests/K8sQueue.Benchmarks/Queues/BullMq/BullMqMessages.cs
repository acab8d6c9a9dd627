using System.Text.Json.Serialization;

namespace K8sQueue.Benchmarks.Queues.BullMq;

/// <summary>One line to bullmq/bench.mjs.</summary>
internal sealed record BullMqCommand(string Command)
{
    public int? Jobs { get; init; }

    public int? Chunk { get; init; }

    public int? Parallel { get; init; }

    public int? Concurrency { get; init; }

    public int? WarmUp { get; init; }

    public double? PauseMilliseconds { get; init; }

    public string? Payload { get; init; }
}

/// <summary>One line from it; each command fills its part.</summary>
internal sealed record BullMqAnswer
{
    public string? Error { get; init; }

    public double Seconds { get; init; }

    public double CpuSeconds { get; init; }

    public long Completed { get; init; }

    public long Left { get; init; }

    public double[] Milliseconds { get; init; } = [];

    [JsonPropertyName("bullmq")]
    public string? BullMq { get; init; }

    [JsonPropertyName("ioredis")]
    public string? IoRedis { get; init; }

    public string? Node { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BullMqCommand))]
[JsonSerializable(typeof(BullMqAnswer))]
internal sealed partial class BullMqJsonContext : JsonSerializerContext;
