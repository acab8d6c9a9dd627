using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using YamlDotNet.Serialization;

namespace K8sQueue.LocalCluster.Autoscaling.Crds;

/// <summary>KEDA's CustomResourceDefinitions as LocalCluster has them.</summary>
internal static class KedaCrds
{
    private static readonly string[] Files = ["scaledobjects.yaml", "triggerauthentications.yaml"];

    public static IReadOnlyList<JsonObject> Load() => [.. Files.Select(Load)];

    /// <summary>Installs those that are missing.</summary>
    public static void Install(IClusterApi api)
    {
        foreach (var definition in Load())
        {
            if (api.Get(GroupResource.CustomResourceDefinitions, null, definition["metadata"]!["name"]!.GetValue<string>()) is null)
                api.Create(GroupResource.CustomResourceDefinitions, definition);
        }
    }

    private static JsonObject Load(string file)
    {
        var type = typeof(KedaCrds);
        using var stream = type.Assembly.GetManifestResourceStream($"{type.Namespace}.{file}")
            ?? throw new InvalidOperationException($"The resource {file} is not in the assembly.");
        using var reader = new StreamReader(stream);
        var document = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize(reader);
        var json = new SerializerBuilder().JsonCompatible().WithQuotingNecessaryStrings().Build().Serialize(document);
        return JsonNode.Parse(json)!.AsObject();
    }
}
