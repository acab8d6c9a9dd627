using System.Text.Json;
using K8sQueue.Api.Problems;
using K8sQueue.Core.Batches;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Validation;

/// <summary>Reads a batch or a flow from its JSON. Each of its jobs names its queue, or goes where its type's route leads.</summary>
internal sealed class BatchReader(JobRoutes routes, string? traceParent, PayloadLimit limit)
{
    private const string KnownOfBatch = "jobs, onComplete, onSuccess";
    private const string MoreOfJob = ", queue";
    private const string MoreOfNode = ", queue, runAfter, children";
    private const int LevelsOfBatch = 3;

    // An object and an array a level.
    private const int LevelsOfFlow = 2 * BatchLimits.MaxDepth;

    /// <exception cref="ProblemException">The batch is not acceptable; the problem says why and where.</exception>
    public BatchRequest ReadBatch(ReadOnlySpan<byte> json) => Read(json, ReadBatch, LevelsOfBatch);

    /// <exception cref="ProblemException">The flow is not acceptable; the problem says why and where.</exception>
    public FlowRequest ReadFlow(ReadOnlySpan<byte> json) => Read(
        json,
        (ref Utf8JsonReader reader, ReadOnlySpan<byte> text) =>
        {
            BeginObject(ref reader, "flow");
            return ReadNode(ref reader, text, depth: 1);
        },
        LevelsOfFlow);

    private static T Read<T>(ReadOnlySpan<byte> json, JobRequestReader.ReadFields<T> read, int levels)
    {
        try
        {
            return JobRequestReader.ReadDocument(json, read, levels);
        }
        catch (ProblemException e) when (e.Problem.Type == ProblemTypes.InvalidJob)
        {
            throw new ProblemException(e.Problem with { Type = ProblemTypes.InvalidBatch });
        }
    }

    private BatchRequest ReadBatch(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        BeginObject(ref reader, "batch");
        var batch = new BatchRequest { Jobs = [] };
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (JsonFields.NextName(ref reader, prefix: null, seen, out var name))
        {
            batch = name switch
            {
                "jobs" => batch with { Jobs = [.. ReadNodes(ref reader, json, name, depth: null).Select(node => node.Job)] },
                "onComplete" => batch with { OnComplete = ReadCallback(ref reader, json, name) },
                "onSuccess" => batch with { OnSuccess = ReadCallback(ref reader, json, name) },
                _ => throw JsonFields.Unknown(name, KnownOfBatch),
            };
        }

        if (batch.Jobs.Count == 0)
            throw JsonFields.Invalid("jobs", "'jobs' is required, with one job at least.");
        if (batch is { OnComplete: { } complete, OnSuccess: { } success } && complete.Queue != success.Queue)
            throw JsonFields.Invalid("onSuccess.queue", $"'onSuccess' must be of the queue of 'onComplete', which is {complete.Queue}.");
        return batch;
    }

    private JobRequest? ReadCallback(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string field) =>
        reader.TokenType == JsonTokenType.Null ? null : ReadNode(ref reader, json, field, depth: null).Job;

    private List<FlowRequest> ReadNodes(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string field, int? depth)
    {
        var nodes = new List<FlowRequest>();
        if (reader.TokenType == JsonTokenType.Null)
            return nodes;
        if (reader.TokenType != JsonTokenType.StartArray)
            throw JsonFields.WrongType(field, "an array of jobs", reader.TokenType);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (depth > BatchLimits.MaxDepth)
                throw JsonFields.Invalid(field, $"A flow has at most {BatchLimits.MaxDepth} levels.");
            if (nodes.Count == BatchLimits.MaxJobs)
                throw JsonFields.Invalid(field, $"'{field}' may have {BatchLimits.MaxJobs} jobs at most.");
            nodes.Add(ReadNode(ref reader, json, $"{field}[{nodes.Count}]", depth));
        }

        return nodes;
    }

    // What is wrong within it is named behind its own name.
    private FlowRequest ReadNode(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string field, int? depth)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw JsonFields.WrongType(field, "a job, which is an object", reader.TokenType);
        try
        {
            return ReadNode(ref reader, json, depth);
        }
        catch (ProblemException e) when (e.Problem.Field is { } inner)
        {
            throw new ProblemException(e.Problem with { Field = $"{field}.{inner}" });
        }
    }

    /// <param name="depth">The level within a flow, from 1; null in a batch, whose jobs have no children.</param>
    private FlowRequest ReadNode(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, int? depth)
    {
        string? queue = null;
        var node = new FlowRequest { Job = new JobRequest { Queue = "", Type = "" } };
        var job = JobRequestReader.ReadFieldsOf(
            ref reader,
            json,
            queue: "",
            traceParent,
            limit,
            depth is null ? MoreOfJob : MoreOfNode,
            (ref Utf8JsonReader inner, ReadOnlySpan<byte> text, string name) =>
            {
                switch (name)
                {
                    case "queue":
                        queue = ReadQueue(ref inner);
                        return true;
                    case "runAfter" when depth is not null:
                        node = node with { RunAfter = ReadRunAfter(ref inner) };
                        return true;
                    case "children" when depth is not null:
                        node = node with { Children = ReadNodes(ref inner, text, name, depth + 1) };
                        return true;
                    default:
                        return false;
                }
            });
        if (job.Deduplication is not null)
            throw JsonFields.Invalid("deduplication", "'deduplication' can't be given for a job of a batch or a flow: another job would end in its place.");
        if (queue is null && !routes.TryGetQueue(job.Type, out queue))
            throw JsonFields.Invalid("queue", $"'queue' is required: {JobRoutes.Variable} has no route for this type.");
        return node with { Job = job with { Queue = queue } };
    }

    private static string? ReadQueue(ref Utf8JsonReader reader)
    {
        var queue = JsonFields.String(ref reader, "queue");
        return queue is null || QueueName.IsValid(queue) ? queue : throw JsonFields.Invalid("queue", $"'queue' is not a queue name: {QueueName.Rule}.");
    }

    private static FlowRunAfter ReadRunAfter(ref Utf8JsonReader reader) => JsonFields.String(ref reader, "runAfter") switch
    {
        null or "succeeded" => FlowRunAfter.Succeeded,
        "ended" => FlowRunAfter.Ended,
        _ => throw JsonFields.Invalid("runAfter", "'runAfter' must be succeeded or ended."),
    };

    private static void BeginObject(ref Utf8JsonReader reader, string what)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw JsonFields.Invalid(null, $"A {what} is a JSON object, not {JsonFields.Describe(reader.TokenType)}.");
    }
}
