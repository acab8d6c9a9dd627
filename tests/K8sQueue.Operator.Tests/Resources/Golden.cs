using System.Text.Json;
using System.Text.Json.Nodes;

namespace K8sQueue.Operator.Tests.Resources;

/// <summary>Compares with a file of Golden/; what differs is left beside it in the output folder as NAME.actual.json.</summary>
internal static class Golden
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Verify<T>(T value, string name)
    {
        var actual = OperatorJson.ToObject(value).ToJsonString(Indented) + "\n";
        var path = Path.Combine(AppContext.BaseDirectory, "Golden", name + ".json");
        var expected = File.Exists(path) ? File.ReadAllText(path) : "";
        if (actual != expected)
            File.WriteAllText(Path.ChangeExtension(path, ".actual.json"), actual);
        JsonNode.DeepEquals(JsonNode.Parse(actual), expected.Length > 0 ? JsonNode.Parse(expected) : null).Should().BeTrue($"it should be {name}.json, and was\n{actual}");
    }
}
