using System.Text.Json.Serialization;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Contracts;

/// <summary>What became of a tracked job: the data of one server-sent event.</summary>
internal sealed record EventDocument
{
    /// <summary>The job.</summary>
    public required string Id { get; init; }

    [JsonConverter(typeof(CamelCaseEnumConverter<JobEventKind>))]
    public required JobEventKind Event { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The job's type, where it was added.</summary>
    public string? Type { get; init; }

    /// <summary>The attempt that started or failed.</summary>
    public int? Attempt { get; init; }

    public string? Consumer { get; init; }

    /// <summary>How long until the next attempt.</summary>
    public double? RetryInSeconds { get; init; }

    public string? Reason { get; init; }

    public string? Error { get; init; }

    public int? Crashes { get; init; }

    public double? Share { get; init; }

    public string? Note { get; init; }

    public static EventDocument From(JobEvent e) => new()
    {
        Id = e.Job.Value,
        Event = e.Kind,
        At = e.At,
        Type = e.Type,
        Attempt = e.Attempt,
        Consumer = e.Consumer,
        RetryInSeconds = e.Delay?.TotalSeconds,
        Reason = e.Reason,
        Error = e.Error,
        Crashes = e.Crashes,
        Share = e.Share,
        Note = e.Note,
    };
}
