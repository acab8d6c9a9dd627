using System.Text.Json.Nodes;

namespace K8sQueue.Operator.Entities.Schema;

/// <summary>The schema of metav1.Condition, as Kubernetes publishes it.</summary>
internal static class ConditionSchema
{
    public static JsonObject Build() => new()
    {
        ["type"] = "object",
        ["required"] = new JsonArray("type", "status", "lastTransitionTime", "reason", "message"),
        ["properties"] = new JsonObject
        {
            ["type"] = Text(316),
            ["status"] = new JsonObject { ["type"] = "string", ["enum"] = new JsonArray("True", "False", "Unknown") },
            ["observedGeneration"] = new JsonObject { ["type"] = "integer", ["format"] = "int64", ["minimum"] = 0 },
            ["lastTransitionTime"] = new JsonObject { ["type"] = "string", ["format"] = "date-time" },
            ["reason"] = Text(1024),
            ["message"] = Text(32_768),
        },
    };

    private static JsonObject Text(int maxLength) => new() { ["type"] = "string", ["maxLength"] = maxLength };
}
