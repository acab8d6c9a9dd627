namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>The form that enqueues a job.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Input">What is in its fields.</param>
/// <param name="Error">What was wrong with it; null where nothing was.</param>
/// <param name="Field">The field that was wrong, where one was.</param>
public sealed record EnqueueModel(string Queue, EnqueueInput Input, string? Error, string? Field);

/// <summary>What was written into the form.</summary>
public sealed record EnqueueInput
{
    public string Type { get; init; } = "";

    public string Payload { get; init; } = "{}";

    public string Priority { get; init; } = "normal";

    public string DelaySeconds { get; init; } = "";

    public string MaxAttempts { get; init; } = "";

    public string TimeoutSeconds { get; init; } = "";

    public string Tags { get; init; } = "";

    public string DeduplicationKey { get; init; } = "";

    internal static EnqueueInput From(IFormCollection form) => new()
    {
        Type = form["type"].ToString(),
        Payload = form["payload"].ToString(),
        Priority = form["priority"].ToString(),
        DelaySeconds = form["delaySeconds"].ToString(),
        MaxAttempts = form["maxAttempts"].ToString(),
        TimeoutSeconds = form["timeoutSeconds"].ToString(),
        Tags = form["tags"].ToString(),
        DeduplicationKey = form["deduplicationKey"].ToString(),
    };
}
