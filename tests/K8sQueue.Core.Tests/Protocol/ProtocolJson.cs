using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using K8sQueue.Core.Batches;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Schedules;
using K8sQueue.Testing;

namespace K8sQueue.Core.Tests.Protocol;

/// <summary>docs/reference/protocol-vectors.json, and what its objects are in C#.</summary>
internal static class ProtocolJson
{
    public static JsonObject Vectors { get; } = JsonNode.Parse(
        File.ReadAllText(Path.Combine(RepositoryFolder.Root, "docs", "reference", "protocol-vectors.json")))!.AsObject();

    /// <summary>The entries of a section by their number, for a theory.</summary>
    public static TheoryData<int> Entries(string section) => [.. Enumerable.Range(0, Vectors[section]!.AsArray().Count)];

    public static JsonNode Entry(string section, int number) => Vectors[section]!.AsArray()[number]!;

    public static string Text(this JsonNode node, string name) => (string)node[name]!;

    public static bool IsReadOnly(this JsonNode entry) => entry["readOnly"] is not null;

    public static JsonObject Of(RetryPolicy retry)
    {
        var json = new JsonObject
        {
            ["maxAttempts"] = retry.MaxAttempts,
            ["backoff"] = JsonNamingPolicy.CamelCase.ConvertName($"{retry.Backoff}"),
            ["jitter"] = retry.Jitter,
        };
        if (retry.Backoff == BackoffKind.Custom)
        {
            json["delaysMs"] = new JsonArray([.. retry.Delays.Select(delay => (JsonNode)Milliseconds(delay))]);
            return json;
        }

        json["delayMs"] = Milliseconds(retry.Delay);
        json["maxDelayMs"] = Milliseconds(retry.MaxDelay);
        return json;
    }

    public static JsonObject Of(JobTraits? traits)
    {
        var json = new JsonObject();
        if (traits?.Deduplication is { } deduplication)
        {
            var member = new JsonObject { ["key"] = deduplication.Key, ["untilDone"] = deduplication.UntilDone };
            if (deduplication.Window is { } window)
                member["windowMs"] = Milliseconds(window);
            json["deduplication"] = member;
        }

        if (traits?.Concurrency is { } concurrency)
            json["concurrency"] = new JsonObject { ["key"] = concurrency.Key, ["limit"] = concurrency.Limit };
        if (traits is { Tags.Count: > 0 })
            json["tags"] = new JsonArray([.. traits.Tags.Select(tag => (JsonNode)tag)]);
        if (traits?.Retention is { } retention)
            json["retentionMs"] = Milliseconds(retention);
        if (traits?.ScheduledRun is { } run)
            json["scheduledRun"] = new JsonObject { ["schedule"] = run.Schedule, ["atMs"] = run.At.ToUnixTimeMilliseconds() };
        if (traits?.MemberOf is { } batch)
            json["memberOf"] = batch.Value;
        if (traits?.CallbackOf is { } ended)
            json["callbackOf"] = ended.Value;
        if (traits?.Stored is { } stored)
        {
            var member = new JsonObject();
            if (stored.ApartBytes is { } apart)
                member["apartBytes"] = apart;
            if (stored.OriginalBytes is { } original)
                member["originalBytes"] = original;
            json["stored"] = member;
        }

        return json;
    }

    public static JsonObject Of(JobEnvelope job)
    {
        var json = new JsonObject
        {
            ["ulid"] = job.Id.Ulid,
            ["attempt"] = job.Attempt,
            ["crashes"] = job.Crashes,
            ["epoch"] = job.Epoch,
            ["enqueuedAtMs"] = job.EnqueuedAt.ToUnixTimeMilliseconds(),
            ["lane"] = JsonNamingPolicy.CamelCase.ConvertName($"{job.Lane}"),
            ["retry"] = Of(job.Retry),
            ["type"] = job.Type,
        };
        if (job.Timeout is { } timeout)
            json["timeoutMs"] = Milliseconds(timeout);
        if (job.TraceParent is { } trace)
            json["traceParent"] = trace;
        if (Of(job.Traits) is { Count: > 0 } traits)
            json["traits"] = traits;
        return json;
    }

    public static RetryPolicy Retry(JsonNode? json)
    {
        if (json is null)
            return RetryPolicy.Default;
        var retry = new RetryPolicy
        {
            MaxAttempts = (int)json["maxAttempts"]!,
            Backoff = Enum.Parse<BackoffKind>(json.Text("backoff"), ignoreCase: true),
            Jitter = (double)json["jitter"]!,
            Delays = json["delaysMs"] is { } delays ? [.. delays.AsArray().Select(delay => Span(delay)!.Value)] : [],
        };
        return json["delayMs"] is null ? retry : retry with { Delay = Span(json["delayMs"])!.Value, MaxDelay = Span(json["maxDelayMs"])!.Value };
    }

    public static JobTraits Traits(JsonNode? json) => new()
    {
        Deduplication = json?["deduplication"] is { } deduplication
            ? new JobDeduplication(deduplication.Text("key"), Span(deduplication["windowMs"]), (bool)deduplication["untilDone"]!)
            : null,
        Concurrency = json?["concurrency"] is { } concurrency ? new JobConcurrency(concurrency.Text("key"), (int)concurrency["limit"]!) : null,
        Tags = json?["tags"] is { } tags ? [.. tags.AsArray().Select(tag => (string)tag!)] : [],
        Retention = Span(json?["retentionMs"]),
        ScheduledRun = json?["scheduledRun"] is { } run
            ? new ScheduledRun(run.Text("schedule"), DateTimeOffset.FromUnixTimeMilliseconds((long)run["atMs"]!))
            : null,
        MemberOf = json?["memberOf"] is { } batch ? BatchId.Parse((string)batch!) : null,
        CallbackOf = json?["callbackOf"] is { } ended ? BatchId.Parse((string)ended!) : null,
        Stored = json?["stored"] is { } stored ? new StoredPayload((int?)stored["apartBytes"], (int?)stored["originalBytes"]) : null,
    };

    /// <summary>A request of the vectors; one of the traits' members stands beside the others.</summary>
    public static JobRequest Request(JsonNode json, string? queue = null)
    {
        var traits = Traits(json);
        return new JobRequest
        {
            Queue = queue ?? json.Text("queue"),
            Type = json.Text("type"),
            Payload = Encoding.UTF8.GetBytes(json["payload"] is { } payload ? (string)payload! : ""),
            Tracked = (bool?)json["tracked"] ?? false,
            Lane = LaneOf((string?)json["lane"]),
            Delay = Span(json["delayMs"]) ?? TimeSpan.Zero,
            Retry = Retry(json["retry"]),
            Timeout = Span(json["timeoutMs"]),
            TraceParent = (string?)json["traceParent"],
            Deduplication = traits.Deduplication,
            Concurrency = traits.Concurrency,
            Tags = traits.Tags,
            Retention = traits.Retention,
            Stored = traits.Stored,
        };
    }

    /// <summary>The request that a producer made, where a header has the fields.</summary>
    public static JobRequest RequestOf(JsonNode fields)
    {
        var request = fields.DeepClone().AsObject();
        foreach (var (name, value) in fields["traits"]?.AsObject() ?? [])
            request[name] = value?.DeepClone();
        return Request(request, "q");
    }

    private static Lane LaneOf(string? name) =>
        name is null ? Lane.Normal : Enum.TryParse<Lane>(name, ignoreCase: true, out var lane) ? lane : (Lane)(-1);

    private static long Milliseconds(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMillisecond;

    private static TimeSpan? Span(JsonNode? milliseconds) => milliseconds is null ? null : TimeSpan.FromMilliseconds((long)milliseconds);
}
