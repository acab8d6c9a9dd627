using System.Text.Json.Nodes;

namespace K8sQueue.Operator.Resources.Pods;

/// <summary>Adds to a JSON tree what its author left open; what is there always wins.</summary>
internal static class JsonDefaults
{
    /// <summary>The object under that name, made where it is missing.</summary>
    /// <exception cref="InvalidOperationException">It is there, and no object.</exception>
    public static JsonObject Object(this JsonObject parent, string name)
    {
        if (parent[name] is { } existing)
            return existing as JsonObject ?? throw new InvalidOperationException($"'{name}' is not an object.");
        var made = new JsonObject();
        parent[name] = made;
        return made;
    }

    /// <summary>The list under that name, made where it is missing.</summary>
    /// <exception cref="InvalidOperationException">It is there, and no list.</exception>
    public static JsonArray List(this JsonObject parent, string name)
    {
        if (parent[name] is { } existing)
            return existing as JsonArray ?? throw new InvalidOperationException($"'{name}' is not a list.");
        var made = new JsonArray();
        parent[name] = made;
        return made;
    }

    /// <summary>Sets a field that is not there.</summary>
    public static void Default(this JsonObject parent, string name, JsonNode value)
    {
        if (!parent.ContainsKey(name))
            parent[name] = value;
    }
}
