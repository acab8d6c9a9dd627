using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Controllers.Runtime;

/// <summary>What controllers read and write of an object beyond <see cref="JsonTree"/> and <see cref="ObjectMeta"/>.</summary>
internal static class KubernetesJson
{
    public static long Generation(this JsonObject value) => value.NumberAt("metadata", "generation") ?? 0;

    public static ObjectKey Key(this JsonObject value) => new(value.Namespace(), value.Name());

    public static JsonObject? Labels(this JsonObject value) => value.MapAt("metadata", "labels");

    public static string? Annotation(this JsonObject value, string name) => value.TextAt("metadata", "annotations", name);

    /// <summary>The owner reference with <c>controller: true</c>.</summary>
    public static JsonObject? ControllerReference(this JsonObject value) => value.OwnerReferences().FirstOrDefault(r => r.FlagAt("controller"));

    public static bool IsControlledBy(this JsonObject value, JsonObject owner) =>
        value.ControllerReference().TextAt("uid") == owner.Uid();

    public static int? IntegerAt(this JsonNode? value, params ReadOnlySpan<string> path) => (int?)value.NumberAt(path);

    public static DateTimeOffset? TimeAt(this JsonNode? value, params ReadOnlySpan<string> path) => value.At(path).Time();

    public static IEnumerable<JsonObject> ObjectsAt(this JsonNode? value, params ReadOnlySpan<string> path) =>
        value.ListAt(path)?.OfType<JsonObject>() ?? [];

    public static IEnumerable<string> TextsAt(this JsonNode? value, params ReadOnlySpan<string> path) =>
        value.ListAt(path)?.Select(i => i.AsText()).OfType<string>() ?? [];

    public static string ToTimestamp(this DateTimeOffset time) => ObjectMeta.Timestamp(time);

    /// <summary>Writes the value at the path; tells whether that changed anything. Null removes.</summary>
    public static bool Put(this JsonObject value, JsonNode? to, params ReadOnlySpan<string> path)
    {
        if (JsonNode.DeepEquals(value.At(path), to))
            return false;
        var parent = value.Need(path[..^1]);
        if (to is null)
            parent.Remove(path[^1]);
        else
            parent[path[^1]] = to.DeepClone();
        return true;
    }
}

/// <summary>A namespace (null for what is of the cluster) and a name.</summary>
internal readonly record struct ObjectKey(string? Namespace, string Name)
{
    public override string ToString() => Namespace is null ? Name : $"{Namespace}/{Name}";
}
