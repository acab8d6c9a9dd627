using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.BuiltIns;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Schema;
using K8sQueue.LocalCluster.Tables;

namespace K8sQueue.LocalCluster.Resources;

/// <summary>Makes a resource of a CustomResourceDefinition.</summary>
internal static class CustomResourceTypes
{
    /// <exception cref="FormatException">A column's path, or a pattern, that can't be read.</exception>
    public static ResourceType Read(JsonObject definition)
    {
        var names = definition.MapAt("spec", "names");
        var versions = definition.ListAt("spec", "versions")?.OfType<JsonObject>().ToList() ?? [];
        var storage = versions.First(v => v.FlagAt("storage")).TextAt("name")!;
        return new ResourceType(
            new GroupResource(definition.TextAt("spec", "group")!, names.TextAt("plural")!), names.TextAt("kind")!)
        {
            Singular = names.TextAt("singular") ?? names.TextAt("kind")!.ToLowerInvariant(),
            ListKind = names.TextAt("listKind") ?? names.TextAt("kind") + "List",
            ShortNames = Texts(names.ListAt("shortNames")),
            Categories = Texts(names.ListAt("categories")),
            Namespaced = definition.TextAt("spec", "scope") != "Cluster",
            // The storage version comes first here; the real server ranks versions by stability and number, which for one version is the same.
            Versions = [.. versions.Where(v => v.FlagAt("served")).OrderByDescending(v => v.FlagAt("storage")).Select(VersionOf)],
            StorageVersion = storage,
            Strategy = new DefaultStrategy(),
            IsCustom = true,
            HasGeneration = true,
        };
    }

    private static ResourceVersion VersionOf(JsonObject version)
    {
        var published = version.MapAt("schema", "openAPIV3Schema") ?? [];
        var scale = version.MapAt("subresources", "scale");
        return new ResourceVersion(
            version.TextAt("name")!,
            SchemaLanguage.WithRootMembers(SchemaReader.Read(published)),
            CustomColumns.Read(version.ListAt("additionalPrinterColumns")))
        {
            HasStatus = version.At("subresources", "status") is not null,
            Scale = scale is null ? null : new ScalePaths(
                Path(scale.TextAt("specReplicasPath"))!, Path(scale.TextAt("statusReplicasPath"))!, Path(scale.TextAt("labelSelectorPath"))),
            SelectableFields = [.. version.ListAt("selectableFields")?.Select(f => f.TextAt("jsonPath")?.TrimStart('.')).OfType<string>() ?? []],
            DeprecationWarning = version.FlagAt("deprecated") ? version.TextAt("deprecationWarning") : null,
            Published = published,
        };
    }

    private static string[]? Path(string? text) => text?.Split('.', StringSplitOptions.RemoveEmptyEntries);

    private static List<string> Texts(JsonArray? list) => [.. list?.Select(t => t.AsText()).OfType<string>() ?? []];
}
