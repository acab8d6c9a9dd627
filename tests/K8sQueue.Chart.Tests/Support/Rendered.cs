using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.Chart.Tests.Support;

/// <summary>Questions to rendered objects.</summary>
internal static class Rendered
{
    public static string Kind(this JsonObject value) => value.TextAt("kind")!;

    /// <summary>A text, a number or a flag, as text.</summary>
    public static string? ValueAt(this JsonNode? value, params ReadOnlySpan<string> path) => value.At(path)?.ToString();

    public static IEnumerable<JsonObject> OfKind(this IEnumerable<JsonObject> values, string kind) => values.Where(value => value.Kind() == kind);

    public static JsonObject Single(this IEnumerable<JsonObject> values, string kind, string name) =>
        values.Single(value => value.Kind() == kind && value.Name() == name);

    /// <summary>Every pod that comes of the objects: its labels and its spec. Those of WorkerPools are people's own.</summary>
    public static IEnumerable<(string Of, JsonObject Metadata, JsonObject Spec)> Pods(this IEnumerable<JsonObject> values) =>
        values.Where(value => value.Kind() is "Pod" or "Deployment").Select(value => value.Kind() == "Pod"
            ? (value.Name(), value.MapAt("metadata")!, value.MapAt("spec")!)
            : (value.Name(), value.MapAt("spec", "template", "metadata")!, value.MapAt("spec", "template", "spec")!));

    public static IEnumerable<JsonObject> Containers(JsonObject podSpec) =>
        podSpec.ObjectsAt("initContainers").Concat(podSpec.ObjectsAt("containers"));

    /// <summary>A variable of the only container.</summary>
    public static JsonObject? Variable(JsonObject podSpec, string name) =>
        Containers(podSpec).Single().ObjectsAt("env").SingleOrDefault(variable => variable.TextAt("name") == name);
}
