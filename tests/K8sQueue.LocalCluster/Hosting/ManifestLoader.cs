using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Hosting;

/// <summary>Creates the objects of YAML files, in the order of the files' names.</summary>
internal sealed class ManifestLoader(IClusterApi api)
{
    /// <returns>How many objects were created.</returns>
    /// <exception cref="ClusterApiException">An object was refused.</exception>
    public int LoadDefinitions(string directory)
    {
        var files = Directory.EnumerateFiles(directory)
            .Where(f => Path.GetExtension(f) is ".yaml" or ".yml" or ".json")
            .Order(StringComparer.Ordinal);
        return files.Sum(f => LoadDefinitionsOf(File.ReadAllText(f)));
    }

    public int LoadDefinitionsOf(string yaml)
    {
        var definitions = YamlReader.ReadAll(yaml).OfType<JsonObject>().Where(d => d.TextAt("kind") == "CustomResourceDefinition").ToList();
        foreach (var definition in definitions)
            api.Create(GroupResource.CustomResourceDefinitions, definition);
        return definitions.Count;
    }
}
