using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Controllers.Runtime;

/// <summary>The <c>conditions</c> list of a status.</summary>
internal static class StatusConditions
{
    public static JsonObject? Find(JsonNode? status, string type) =>
        status.ObjectsAt("conditions").FirstOrDefault(c => c.TextAt("type") == type);

    public static bool IsTrue(JsonNode? status, string type) => Find(status, type)?.TextAt("status") == "True";

    /// <summary>
    /// Adds or replaces a condition; tells whether anything changed. <c>lastTransitionTime</c> moves only when the status does.
    /// </summary>
    public static bool Set(JsonObject status, string type, string value, string? reason, string? message, DateTimeOffset now)
    {
        var condition = Find(status, type);
        if (condition is not null && condition.TextAt("status") == value && condition.TextAt("reason") == reason
            && (condition.TextAt("message") ?? "") == (message ?? ""))
        {
            return false;
        }

        var since = condition?.TextAt("status") == value ? condition.TextAt("lastTransitionTime") : null;
        var changed = new JsonObject { ["type"] = type, ["status"] = value, ["lastTransitionTime"] = since ?? now.ToTimestamp() };
        if (!string.IsNullOrEmpty(reason))
            changed["reason"] = reason;
        if (!string.IsNullOrEmpty(message))
            changed["message"] = message;
        Replace(status, condition, changed);
        return true;
    }

    public static void Replace(JsonObject status, JsonObject? old, JsonObject changed)
    {
        if (status["conditions"] is not JsonArray conditions)
            status["conditions"] = conditions = [];
        if (old is null)
            conditions.Add(changed);
        else
            conditions[conditions.IndexOf(old)] = changed;
    }

    public static bool Remove(JsonObject status, string type) =>
        Find(status, type) is { } condition && status["conditions"]!.AsArray().Remove(condition);
}
