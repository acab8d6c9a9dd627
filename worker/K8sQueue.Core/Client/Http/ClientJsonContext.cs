using System.Text.Json;
using System.Text.Json.Serialization;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Client.Http;

/// <summary>What the client reads, without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, Converters = [typeof(JobIdConverter)])]
[JsonSerializable(typeof(AcceptedAnswer))]
[JsonSerializable(typeof(JobRecord))]
[JsonSerializable(typeof(CancelAnswer))]
[JsonSerializable(typeof(JobListAnswer))]
[JsonSerializable(typeof(JobActionAnswer))]
[JsonSerializable(typeof(DrainAnswer))]
[JsonSerializable(typeof(DeadLettersAnswer))]
[JsonSerializable(typeof(BulkAnswer))]
[JsonSerializable(typeof(ScheduleRecord))]
[JsonSerializable(typeof(ProblemAnswer))]
internal sealed partial class ClientJsonContext : JsonSerializerContext;

internal sealed record AcceptedAnswer(JobId Id, bool Duplicate = false);

internal sealed record CancelAnswer(CancelOutcome Outcome);

internal sealed record JobListAnswer(IReadOnlyList<JobRecord>? Jobs, string? Next = null);

internal sealed record JobActionAnswer(int Matched, int Done = 0, int Requested = 0, int Skipped = 0, string? Next = null);

internal sealed record DrainAnswer(int Drained = 0, long Remaining = 0);

internal sealed record DeadLettersAnswer(int Matched = 0, int Redriven = 0, int Duplicates = 0, int Deleted = 0, string? Next = null);

internal sealed record BulkAnswer(IReadOnlyList<BulkAnswer.Item>? Results)
{
    public static readonly BulkAnswer Empty = new([]);

    public IReadOnlyList<Item> Results { get; init; } = Results ?? [];

    internal sealed record Item(long Index, int Status, JobId? Id = null, string? Type = null, string? Detail = null, string? Field = null)
    {
        public BulkJobResult From(long first) => new(first + Index, Status)
        {
            Id = Id,
            ProblemType = Problems.NameOf(Type),
            Detail = Detail,
            Field = Field,
        };
    }
}

internal sealed record ProblemAnswer(string? Type = null, string? Title = null, string? Detail = null, string? Field = null);

internal sealed class JobIdConverter : JsonConverter<JobId>
{
    public override JobId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && JobId.TryParse(reader.GetString(), out var id)
            ? id
            : throw new JsonException("A job's id was expected.");

    public override void Write(Utf8JsonWriter writer, JobId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}
