using System.Text.Json;
using System.Text.Json.Nodes;
using K8sQueue.Quickstart.Stack;

namespace K8sQueue.EndToEnd.Tests.Corpus;

/// <summary>
/// One line of a corpus file. Its <c>pool</c> or <c>budget</c> is merged into a valid spec (RFC 7386: null takes a field out), its
/// <c>queue</c> into a queue that is the pool's only one, its <c>metadata</c> into the metadata, its <c>raw</c> into the whole object;
/// <see cref="CorpusShapes"/> does the rest.
/// </summary>
/// <param name="Body">What is sent.</param>
/// <param name="Rejected">What the API server's answer says; null where it accepts.</param>
/// <param name="Conditions">Reasons by condition that an accepted one comes to; empty where it is only to be accepted.</param>
internal sealed record CorpusCase(string Name, string Resource, string ObjectName, string Body, string? Rejected, IReadOnlyDictionary<string, string> Conditions)
{
    private static readonly JsonDocumentOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private static readonly JsonObject Pool = Parse("""
        {
          "apiVersion": "k8squeue.io/v1alpha1", "kind": "WorkerPool", "metadata": {"name": "NAME"},
          "spec": {
            "queues": [{"name": "q", "jobsPerReplica": 10, "k8squeue": {"redis": {"address": "127.0.0.1:1"}}}],
            "template": {"spec": {"containers": [{"name": "worker", "image": "worker"}]}}
          }
        }
        """);

    private static readonly JsonObject Budget = Parse("""
        {"apiVersion": "k8squeue.io/v1alpha1", "kind": "ConnectionBudget", "metadata": {"name": "NAME"}, "spec": {"capacity": 10}}
        """);

    /// <summary>All cases of the files, in their order.</summary>
    public static IReadOnlyList<CorpusCase> Load() =>
        [.. Directory.EnumerateFiles(Path.Combine(RepositoryLayout.Root, "tests", "K8sQueue.EndToEnd.Tests", "Corpus"), "*.jsonc")
            .Order(StringComparer.Ordinal)
            .SelectMany(file => JsonNode.Parse(File.ReadAllText(file), documentOptions: Options)!.AsArray())
            .Select((line, index) => Read(line!.AsObject(), index))];

    private static CorpusCase Read(JsonObject line, int index)
    {
        var isBudget = line.ContainsKey("budget");
        var document = (JsonObject)(isBudget ? Budget : Pool).DeepClone();
        document["metadata"]!["name"] = $"case-{index}";
        Merge(document["spec"]!.AsObject(), line["pool"] ?? line["budget"]);
        if (line["queue"] is { } queue)
            document["spec"]!["queues"] = new JsonArray(Queue(queue));
        Merge(document["metadata"]!.AsObject(), line["metadata"]);
        Merge(document, line["raw"]);
        CorpusShapes.Repeat(document, line["repeat"]);
        CorpusShapes.Fill(document, line["fill"]);
        return new CorpusCase(
            (string)line["name"]!,
            isBudget ? "connectionbudgets" : "workerpools",
            (string?)document["metadata"]!["name"] ?? "",
            CorpusShapes.Nest(document, line["nest"]),
            (string?)line["rejected"],
            line["conditions"]?.AsObject().ToDictionary(entry => entry.Key, entry => (string)entry.Value!) ?? []);
    }

    private static JsonObject Queue(JsonNode patch)
    {
        var queue = new JsonObject { ["name"] = "q", ["jobsPerReplica"] = 10 };
        Merge(queue, patch);
        return queue;
    }

    /// <summary>RFC 7386.</summary>
    private static void Merge(JsonObject target, JsonNode? patch)
    {
        foreach (var (key, value) in patch?.AsObject() ?? [])
        {
            if (value is null)
                target.Remove(key);
            else if (value is JsonObject map && target[key] is JsonObject below)
                Merge(below, map);
            else
                target[key] = value.DeepClone();
        }
    }

    private static JsonObject Parse(string text) => JsonNode.Parse(text)!.AsObject();

    public override string ToString() => Name;
}
