using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace K8sQueue.LocalCluster.Controllers.Runtime;

/// <summary>Reads and small writes of Kubernetes objects as JSON trees. What is absent, or of another type, reads as null.</summary>
internal static class KubernetesJson
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    public static string Name(this JsonObject value) => value.Text("metadata", "name") ?? "";

    public static string? Namespace(this JsonObject value) => value.Text("metadata", "namespace");

    public static string Uid(this JsonObject value) => value.Text("metadata", "uid") ?? "";

    public static long Generation(this JsonObject value) => value.Number("metadata", "generation") ?? 0;

    public static ObjectKey Key(this JsonObject value) => new(value.Namespace(), value.Name());

    public static JsonObject? Labels(this JsonObject value) => value.Child("metadata", "labels");

    public static string? Annotation(this JsonObject value, string name) => value.Text("metadata", "annotations", name);

    public static bool IsDeleting(this JsonObject value) => value.Text("metadata", "deletionTimestamp") is not null;

    /// <summary>The owner reference with <c>controller: true</c>.</summary>
    public static JsonObject? ControllerReference(this JsonObject value) =>
        value.Objects("metadata", "ownerReferences").FirstOrDefault(r => r.Flag("controller"));

    public static bool IsControlledBy(this JsonObject value, JsonObject owner) =>
        value.ControllerReference()?.Text("uid") == owner.Uid();

    public static JsonNode? At(this JsonNode? value, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (value is not JsonObject parent || !parent.TryGetPropertyValue(name, out value))
                return null;
        }

        return value;
    }

    public static JsonObject? Child(this JsonNode? value, params ReadOnlySpan<string> path) => value.At(path) as JsonObject;

    public static IEnumerable<JsonObject> Objects(this JsonNode? value, params ReadOnlySpan<string> path) =>
        value.At(path) is JsonArray items ? items.OfType<JsonObject>() : [];

    public static IEnumerable<string> Texts(this JsonNode? value, params ReadOnlySpan<string> path) =>
        value.At(path) is JsonArray items ? items.Select(i => i.At().AsText()).OfType<string>() : [];

    public static string? Text(this JsonNode? value, params ReadOnlySpan<string> path) => value.At(path).AsText();

    public static bool Flag(this JsonNode? value, params ReadOnlySpan<string> path) =>
        value.At(path) is JsonValue found && found.TryGetValue<bool>(out var flag) && flag;

    public static int? Integer(this JsonNode? value, params ReadOnlySpan<string> path) => (int?)value.Number(path);

    public static long? Number(this JsonNode? value, params ReadOnlySpan<string> path) =>
        value.At(path) is JsonValue found && found.GetValueKind() == JsonValueKind.Number
        && double.TryParse(found.ToJsonString(), CultureInfo.InvariantCulture, out var number)
            ? (long)number
            : null;

    public static DateTimeOffset? Time(this JsonNode? value, params ReadOnlySpan<string> path) =>
        DateTimeOffset.TryParse(value.At(path).AsText(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;

    /// <summary>metav1.Time: RFC 3339 in UTC, whole seconds.</summary>
    public static string ToTimestamp(this DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <summary>The object at the path, made where it is missing.</summary>
    public static JsonObject Ensure(this JsonObject value, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (value[name] is not JsonObject child)
            {
                child = [];
                value[name] = child;
            }

            value = child;
        }

        return value;
    }

    /// <summary>Writes the value at the path; tells whether that changed anything. Null removes.</summary>
    public static bool Put(this JsonObject value, JsonNode? to, params ReadOnlySpan<string> path)
    {
        if (JsonNode.DeepEquals(value.At(path), to))
            return false;
        var parent = value.Ensure(path[..^1]);
        if (to is null)
            parent.Remove(path[^1]);
        else
            parent[path[^1]] = to.DeepClone();
        return true;
    }

    private static string? AsText(this JsonNode? value) =>
        value is JsonValue found && found.TryGetValue<string>(out var text) ? text : null;
}

/// <summary>A namespace (null for what is of the cluster) and a name.</summary>
internal readonly record struct ObjectKey(string? Namespace, string Name)
{
    public override string ToString() => Namespace is null ? Name : $"{Namespace}/{Name}";
}
