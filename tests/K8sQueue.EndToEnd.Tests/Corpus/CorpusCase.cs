using System.Text.Json;
using System.Text.Json.Nodes;
using K8sQueue.Quickstart.Stack;

namespace K8sQueue.EndToEnd.Tests.Corpus;

/// <summary>
/// One line of a corpus file. Its <c>pool</c> or <c>budget</c> is merged into a valid spec (RFC 7386: null takes a field out), its
/// <c>metadata</c> into the metadata, its <c>raw</c> into the whole object.
/// </summary>
/// <param name="Rejected">What the API server's answer says; null where it accepts.</param>
/// <param name="Conditions">Reasons by condition that an accepted one comes to; empty where it is only to be accepted.</param>
internal sealed record CorpusCase(string Name, string Resource, JsonObject Document, string? Rejected, IReadOnlyDictionary<string, string> Conditions)
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
        Merge(document["metadata"]!.AsObject(), line["metadata"]);
        Merge(document, line["raw"]);
        Repeat(document, line["repeat"]);
        return new CorpusCase(
            (string)line["name"]!,
            isBudget ? "connectionbudgets" : "workerpools",
            document,
            (string?)line["rejected"],
            line["conditions"]?.AsObject().ToDictionary(entry => entry.Key, entry => (string)entry.Value!) ?? []);
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

    /// <summary><c>{"list": "queues", "times": 17, "text": "..."}</c>: a list of copies of its first item, each with a name of its own.</summary>
    private static void Repeat(JsonObject document, JsonNode? repeat)
    {
        if (repeat is null)
            return;
        var list = ((string)repeat["list"]!).Split('.').Aggregate((JsonNode)document["spec"]!, (node, step) => node[step]!).AsArray();
        var first = list[0]!.DeepClone();
        list.Clear();
        for (var i = 0; i < (int)repeat["times"]!; i++)
        {
            var copy = first.DeepClone();
            copy[(string?)repeat["key"] ?? "name"] = $"item-{i}";
            list.Add(copy);
        }
    }

    private static JsonObject Parse(string text) => JsonNode.Parse(text)!.AsObject();

    public override string ToString() => Name;
}
