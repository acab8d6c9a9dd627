using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace K8sQueue.Compose.Tests.Model;

/// <summary>Reads a compose file as Compose does: anchors and merges resolved, variables replaced. Every scalar is text.</summary>
internal static partial class ComposeYaml
{
    /// <param name="text">The file.</param>
    /// <param name="variables">What <c>.env</c> has; the defaults of the file count for what is not there.</param>
    public static JsonObject Read(string text, IReadOnlyDictionary<string, string> variables)
    {
        var stream = new YamlStream();
        using var reader = new StringReader(text);
        stream.Load(new MergingParser(new Parser(reader)));
        return (JsonObject)Convert(stream.Documents.Single().RootNode, variables);
    }

    private static JsonNode Convert(YamlNode node, IReadOnlyDictionary<string, string> variables) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(child =>
            KeyValuePair.Create(((YamlScalarNode)child.Key).Value!, (JsonNode?)Convert(child.Value, variables)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(child => Convert(child, variables))]),
        YamlScalarNode scalar => JsonValue.Create(Interpolate(scalar.Value ?? "", variables)),
        _ => throw new InvalidOperationException($"What is {node}?"),
    };

    private static string Interpolate(string text, IReadOnlyDictionary<string, string> variables) => Variable().Replace(text, match =>
    {
        if (match.Value == "$$")
            return "$";
        if (!match.Groups["name"].Success)
            throw new FormatException($"A single $ in: {text}");
        if (variables.TryGetValue(match.Groups["name"].Value, out var value) && value.Length > 0)
            return value;
        return match.Groups["default"] is { Success: true } fallback ? fallback.Value : throw new FormatException($"No default for {match.Value}");
    });

    [GeneratedRegex(@"\$\$|\$\{(?<name>[A-Z0-9_]+)(:-(?<default>[^}]*))?\}|\$")]
    private static partial Regex Variable();
}
