using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Http;

/// <summary>Writes bodies and warnings.</summary>
internal static class ApiResponse
{
    public const string Json = "application/json";

    public static Task WriteAsync(HttpContext context, int code, JsonNode body, string contentType = Json) =>
        WriteAsync(context, code, body.Utf8(), contentType);

    public static async Task WriteAsync(HttpContext context, int code, ReadOnlyMemory<byte> body, string contentType = Json)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    public static void Warn(HttpContext context, IEnumerable<string> warnings)
    {
        foreach (var warning in warnings.Distinct())
        {
            var text = new string([.. warning.Select(c => c is < ' ' or > '~' ? '?' : c)]);
            var quoted = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
            context.Response.Headers.Append("Warning", $"299 - \"{quoted}\"");
        }
    }

    /// <summary>A metav1.Status that says that something was done.</summary>
    public static JsonObject Success(GroupResource resource, string name, string uid)
    {
        var details = new JsonObject { ["name"] = name, ["kind"] = resource.Plural, ["uid"] = uid };
        if (resource.Group.Length > 0)
            details["group"] = resource.Group;
        return new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["details"] = details,
        };
    }
}
