using System.Globalization;
using System.Text.Json.Nodes;

namespace K8sQueue.LocalCluster.Objects;

/// <summary>The members of <c>metadata</c> that the server itself reads.</summary>
internal static class ObjectMeta
{
    public static JsonObject Metadata(this JsonObject value) => value.Need("metadata");

    public static string Name(this JsonObject value) => value.TextAt("metadata", "name") ?? "";

    public static string? Namespace(this JsonObject value) => value.TextAt("metadata", "namespace");

    public static string Uid(this JsonObject value) => value.TextAt("metadata", "uid") ?? "";

    public static string ResourceVersion(this JsonObject value) => value.TextAt("metadata", "resourceVersion") ?? "";

    public static bool IsDeleting(this JsonObject value) => value.At("metadata", "deletionTimestamp") is not null;

    public static IReadOnlyList<string> Finalizers(this JsonObject value) =>
        value.ListAt("metadata", "finalizers") is { } list ? [.. list.Select(f => f.AsText()).OfType<string>()] : [];

    public static IEnumerable<JsonObject> OwnerReferences(this JsonObject value) =>
        value.ListAt("metadata", "ownerReferences")?.OfType<JsonObject>() ?? [];

    public static string? Label(this JsonObject value, string name) => value.TextAt("metadata", "labels", name);

    /// <summary>Sets or, where empty, removes the finalizers.</summary>
    public static void SetFinalizers(this JsonObject value, IEnumerable<string> finalizers)
    {
        var list = JsonTree.Texts(finalizers);
        if (list.Count == 0)
            value.Metadata().Remove("finalizers");
        else
            value.Metadata()["finalizers"] = list;
    }

    /// <summary>metav1.Time: whole seconds, UTC.</summary>
    public static string Timestamp(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static DateTimeOffset? Time(this JsonNode? node) =>
        DateTimeOffset.TryParse(node.AsText(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;
}
