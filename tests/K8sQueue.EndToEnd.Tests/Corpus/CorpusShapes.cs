using System.Text;
using System.Text.Json.Nodes;

namespace K8sQueue.EndToEnd.Tests.Corpus;

/// <summary>What a line of the corpus says in a word and is large when it is sent. A path's steps are keys, indexes, or * for every value.</summary>
internal static class CorpusShapes
{
    /// <summary>
    /// <c>{"list": "queues", "times": 17}</c>: copies of the list's first item, each with a name (or another <c>key</c>; none where null) of its
    /// own. <c>{"map": "template.metadata.labels", "times": 65}</c>: so many entries. Below the spec, or after a slash below the whole object.
    /// </summary>
    public static void Repeat(JsonObject document, JsonNode? repeat)
    {
        if (repeat is null)
            return;
        var times = (int)repeat["times"]!;
        if ((string?)repeat["map"] is { } map)
        {
            var entries = Below(document, map).AsObject();
            for (var i = 0; i < times; i++)
                entries[$"item-{i}"] = "x";
            return;
        }

        var list = Below(document, (string)repeat["list"]!).AsArray();
        var first = list[0]!.DeepClone();
        var key = repeat.AsObject().ContainsKey("key") ? (string?)repeat["key"] : "name";
        list.Clear();
        for (var i = 0; i < times; i++)
        {
            var copy = first.DeepClone();
            if (key is not null)
                copy[key] = $"item-{i}";
            list.Add(copy);
        }
    }

    /// <summary><c>{"path": "spec.template...", "times": 513}</c>: a text of so many characters.</summary>
    public static void Fill(JsonObject document, JsonNode? fill)
    {
        if (fill is null)
            return;
        var path = (string)fill["path"]!;
        var text = new string('x', (int)fill["times"]!);
        var parent = At(document, path[..path.LastIndexOf('.')]);
        var last = path[(path.LastIndexOf('.') + 1)..];
        foreach (var key in last == "*" ? parent.AsObject().Select(entry => entry.Key).ToList() : [last])
            parent[key] = text;
    }

    /// <summary>
    /// <c>{"path": "spec.template...", "depth": 150}</c>: an object within an object, so many times; as text, since deep trees are beyond what
    /// serializers do.
    /// </summary>
    public static string Nest(JsonObject document, JsonNode? nest)
    {
        if (nest is null)
            return document.ToJsonString();
        const string mark = "\"@nest@\"";
        var path = (string)nest["path"]!;
        At(document, path[..path.LastIndexOf('.')])[path[(path.LastIndexOf('.') + 1)..]] = mark.Trim('"');
        var depth = (int)nest["depth"]!;
        var deep = new StringBuilder().Insert(0, "{\"a\":", depth).Append('1').Append('}', depth);
        return document.ToJsonString().Replace(mark, deep.ToString(), StringComparison.Ordinal);
    }

    private static JsonNode Below(JsonObject document, string path) => path.StartsWith('/') ? At(document, path[1..]) : At(document, $"spec.{path}");

    private static JsonNode At(JsonNode node, string path) =>
        path.Split('.').Aggregate(node, (below, step) => int.TryParse(step, out var index) ? below[index]! : below[step]!);
}
