using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Tables;

/// <summary>
/// The JSONPath that printer columns use: <c>.a.b</c>, <c>['a.b']</c>, <c>.a\.b</c>, <c>[0]</c>, <c>[*]</c> and
/// <c>[?(@.type=="Ready")]</c> (also with !=).
/// </summary>
internal sealed partial class JsonPath
{
    private readonly List<Func<JsonNode?, IEnumerable<JsonNode?>>> _steps = [];

    private JsonPath()
    {
    }

    /// <exception cref="FormatException">A step that isn't understood.</exception>
    public static JsonPath Parse(string text)
    {
        var path = new JsonPath();
        var rest = text.Trim().TrimStart('{').TrimEnd('}');
        if (rest.StartsWith('$'))
            rest = rest[1..];
        while (rest.Length > 0)
        {
            var match = StepPattern().Match(rest);
            if (!match.Success)
                throw new FormatException($"JSONPath not understood at: {rest}");
            path._steps.Add(StepOf(match));
            rest = rest[match.Length..];
        }

        return path;
    }

    /// <summary>The values found; empty where a step leads nowhere.</summary>
    public IReadOnlyList<JsonNode?> Find(JsonNode? root)
    {
        IEnumerable<JsonNode?> nodes = [root];
        foreach (var step in _steps)
            nodes = nodes.SelectMany(step);
        return [.. nodes];
    }

    private static Func<JsonNode?, IEnumerable<JsonNode?>> StepOf(Match match)
    {
        if (match.Groups["name"].Success)
            return Member(match.Groups["name"].Value.Replace("\\.", ".", StringComparison.Ordinal));
        if (match.Groups["quoted"].Success)
            return Member(match.Groups["quoted"].Value.Replace("\\.", ".", StringComparison.Ordinal));
        if (match.Groups["index"].Success)
        {
            var index = int.Parse(match.Groups["index"].Value, System.Globalization.CultureInfo.InvariantCulture);
            return node => node is JsonArray list && (index < 0 ? list.Count + index : index) is var at && at >= 0 && at < list.Count
                ? [list[at]] : [];
        }

        if (match.Groups["all"].Success)
            return Children;
        var members = match.Groups["member"].Value.Split('.', StringSplitOptions.RemoveEmptyEntries);
        var wanted = match.Groups["value"].Value;
        var equal = match.Groups["operator"].Value == "==";
        return node => Children(node).Where(c => (Plain(c.At(members)) == wanted) == equal);
    }

    private static Func<JsonNode?, IEnumerable<JsonNode?>> Member(string name) =>
        node => node is JsonObject map && map.TryGetPropertyValue(name, out var child) ? [child] : [];

    private static IEnumerable<JsonNode?> Children(JsonNode? node) => node switch
    {
        JsonArray list => list,
        JsonObject map => map.Select(m => m.Value),
        _ => [],
    };

    private static string? Plain(JsonNode? node) => node is null ? null : node.AsText() ?? node.Show();

    [GeneratedRegex("""
        ^(?:\.(?<name>(?:\\.|[A-Za-z0-9_$/-])+)
        |\.?\['(?<quoted>[^']*)'\]
        |\.?\["(?<quoted>[^"]*)"\]
        |\.?\[(?<index>-?\d+)\]
        |\.?\[(?<all>\*)\]|\.(?<all>\*)
        |\.?\[\?\(\s*@(?<member>(?:\.[A-Za-z0-9_-]+)+)\s*(?<operator>==|!=)\s*["']?(?<value>[^"')]*)["']?\s*\)\]
        |(?<name>^[A-Za-z0-9_-]+))
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex StepPattern();
}
