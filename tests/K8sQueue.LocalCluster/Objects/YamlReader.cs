using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace K8sQueue.LocalCluster.Objects;

/// <summary>YAML to JSON trees, by the core schema: plain scalars get their types, quoted ones are text.</summary>
internal static class YamlReader
{
    private const int MaxDepth = 200;

    /// <summary>The documents that are not empty.</summary>
    /// <exception cref="YamlException">Malformed YAML.</exception>
    public static IEnumerable<JsonNode> ReadAll(string text)
    {
        var stream = new YamlStream();
        using var reader = new StringReader(text);
        stream.Load(reader);
        return [.. stream.Documents.Select(d => Convert(d.RootNode, 0)).OfType<JsonNode>()];
    }

    private static JsonNode? Convert(YamlNode node, int depth)
    {
        if (depth > MaxDepth)
            throw new YamlException("nested too deeply");
        switch (node)
        {
            case YamlMappingNode map:
                var result = new JsonObject();
                foreach (var (key, value) in map.Children)
                    result[((YamlScalarNode)key).Value ?? ""] = Convert(value, depth + 1);
                return result;
            case YamlSequenceNode list:
                return new JsonArray([.. list.Children.Select(c => Convert(c, depth + 1))]);
            case YamlScalarNode scalar when scalar.Style == ScalarStyle.Plain:
                return Plain(scalar.Value ?? "");
            default:
                return ((YamlScalarNode)node).Value ?? "";
        }
    }

    private static JsonNode? Plain(string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "true" or "True" or "TRUE":
                return true;
            case "false" or "False" or "FALSE":
                return false;
        }

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return whole;
        var isNumber = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real);
        return isNumber && char.IsAsciiDigit(text.TrimStart('-', '+', '.').FirstOrDefault()) ? real : text;
    }
}
