using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Serialization;

namespace K8sQueue.Operator.Entities.Schema;

/// <summary>Writes the definitions as the YAML files of <c>crds/</c>.</summary>
public static class CrdYaml
{
    private const string Header = "# Generated from the entities by `make crds`: do not edit.\n";

    /// <summary>Every definition: its file name and its text.</summary>
    public static IReadOnlyDictionary<string, string> Files() =>
        CrdBuilder.BuildAll().ToDictionary(crd => crd.FileName, crd => ToYaml(crd.Definition), StringComparer.Ordinal);

    /// <summary>Writes every definition into a folder, which is made where it does not exist.</summary>
    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, text) in Files())
            File.WriteAllText(Path.Combine(folder, name), text);
    }

    private static string ToYaml(JsonObject definition) =>
        Header + new SerializerBuilder()
            .WithQuotingNecessaryStrings()
            .WithNewLine("\n")
            .WithIndentedSequences()
            .Build()
            .Serialize(Plain(definition)!);

    private static object? Plain(JsonNode? node) => node switch
    {
        null => null,
        JsonObject map => map.ToDictionary(entry => entry.Key, entry => Plain(entry.Value)),
        JsonArray list => list.Select(Plain).ToList(),
        _ => node.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number => long.Parse(node.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture),
            _ => node.GetValue<string>(),
        },
    };
}
