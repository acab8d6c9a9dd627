using System.Text.Json;

namespace K8sQueue.Api.Tests.Fuzz;

/// <summary>One operation of the OpenAPI document.</summary>
/// <param name="Method">In capitals.</param>
/// <param name="Path">With its parameters in braces.</param>
/// <param name="Parameters">Where each is (<c>path</c>, <c>query</c>, <c>header</c>), and its name.</param>
/// <param name="Bodies">The schema of its body by content type.</param>
internal sealed record ApiOperation(
    string Method, string Path, IReadOnlyList<(string In, string Name)> Parameters, IReadOnlyDictionary<string, JsonElement> Bodies)
{
    public override string ToString() => $"{Method} {Path}";

    /// <summary>All of a document.</summary>
    public static IReadOnlyList<ApiOperation> All(JsonElement document) =>
    [
        .. from path in document.GetProperty("paths").EnumerateObject()
           from operation in path.Value.EnumerateObject()
           where operation.Name is "get" or "put" or "post" or "delete" or "patch" or "head"
           select new ApiOperation(operation.Name.ToUpperInvariant(), path.Name, ParametersOf(document, path.Value, operation.Value), BodiesOf(operation.Value)),
    ];

    private static List<(string In, string Name)> ParametersOf(JsonElement document, JsonElement path, JsonElement operation)
    {
        var found = new List<(string, string)>();
        foreach (var holder in (JsonElement[])[path, operation])
        {
            if (!holder.TryGetProperty("parameters", out var parameters))
                continue;
            foreach (var parameter in parameters.EnumerateArray().Select(parameter => JsonReferences.Follow(document, parameter)))
                found.Add((parameter.GetProperty("in").GetString()!, parameter.GetProperty("name").GetString()!));
        }

        return found;
    }

    private static Dictionary<string, JsonElement> BodiesOf(JsonElement operation)
    {
        var bodies = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (operation.TryGetProperty("requestBody", out var body))
        {
            foreach (var content in body.GetProperty("content").EnumerateObject())
                bodies.Add(content.Name, content.Value.TryGetProperty("schema", out var schema) ? schema : default);
        }

        return bodies;
    }
}

/// <summary>References within a document.</summary>
internal static class JsonReferences
{
    /// <summary>What an element refers to, or the element itself.</summary>
    public static JsonElement Follow(JsonElement document, JsonElement element)
    {
        while (element.ValueKind == JsonValueKind.Object && element.TryGetProperty("$ref", out var reference))
        {
            var found = document;
            foreach (var part in reference.GetString()!.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
                found = found.GetProperty(part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal));
            element = found;
        }

        return element;
    }
}
