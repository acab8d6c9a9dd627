using System.Globalization;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Access;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Operations;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Selectors;

namespace K8sQueue.LocalCluster.Http;

/// <summary>Query parameters as options of operations.</summary>
internal static class RequestOptions
{
    private const int MaxManagerLength = 128;

    public static WriteOptions Write(HttpRequest request, string? subresource)
    {
        var manager = request.Query["fieldManager"].ToString();
        if (manager.Length > MaxManagerLength)
            throw ApiErrors.BadRequest($"fieldManager: Too long: may not be more than {MaxManagerLength} bytes");
        return new WriteOptions
        {
            Manager = manager.Length > 0 ? manager : ManagerOf(request.Headers.UserAgent.ToString()),
            Subresource = subresource,
            User = request.HttpContext.User(),
            DryRun = IsDryRun(request.Query["dryRun"]),
            Force = Flag(request, "force"),
            FieldValidation = request.Query["fieldValidation"].ToString() switch
            {
                "Strict" => FieldValidation.Strict,
                "Ignore" => FieldValidation.Ignore,
                "" or "Warn" => FieldValidation.Warn,
                var other => throw ApiErrors.BadRequest(
                    $"fieldValidation: Unsupported value: \"{other}\": supported values: \"Ignore\", \"Strict\", \"Warn\""),
            },
        };
    }

    public static ObjectFilter Filter(HttpRequest request, ResourceEndpoint endpoint, RequestPath path) => new(
        endpoint,
        endpoint.Type.Namespaced ? path.Namespace : null,
        LabelSelector.Parse(request.Query["labelSelector"]),
        FieldSelector.Parse(
            path.Name is null ? request.Query["fieldSelector"].ToString() : $"metadata.name={path.Name}", endpoint));

    public static DeleteOptions Delete(HttpRequest request, JsonNode? body)
    {
        var propagation = body.TextAt("propagationPolicy") ?? request.Query["propagationPolicy"].ToString();
        return new DeleteOptions
        {
            Propagation = propagation switch
            {
                "Orphan" => Propagation.Orphan,
                "Foreground" => Propagation.Foreground,
                "" or "Background" => body.FlagAt("orphanDependents") ? Propagation.Orphan : Propagation.Background,
                var other => throw ApiErrors.BadRequest($"propagationPolicy: Unsupported value: \"{other}\""),
            },
            Uid = body.TextAt("preconditions", "uid"),
            ResourceVersion = body.TextAt("preconditions", "resourceVersion"),
            GracePeriodSeconds = body.NumberAt("gracePeriodSeconds") ?? Number(request, "gracePeriodSeconds"),
            DryRun = IsDryRun(request.Query["dryRun"]) || body.ListAt("dryRun") is { Count: > 0 },
        };
    }

    public static bool Flag(HttpRequest request, string name) => request.Query[name].ToString() is "true" or "1";

    /// <exception cref="ClusterApiException">BadRequest.</exception>
    public static long? Number(HttpRequest request, string name)
    {
        var text = request.Query[name].ToString();
        if (text.Length == 0)
            return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw ApiErrors.BadRequest($"{name}: Invalid value: \"{text}\": must be an integer");
    }

    /// <summary>As the real server: the user agent's name up to the first slash.</summary>
    public static string ManagerOf(string userAgent)
    {
        var name = userAgent.Split('/')[0];
        return name.Length == 0 ? "unknown" : name[..Math.Min(name.Length, MaxManagerLength)];
    }

    private static bool IsDryRun(string? value) => value switch
    {
        null or "" => false,
        "All" => true,
        _ => throw ApiErrors.BadRequest($"dryRun: Unsupported value: \"{value}\": supported values: \"All\""),
    };
}
