using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Schema;

namespace K8sQueue.LocalCluster.Api;

/// <summary>The server's refusals, in the words of the real one, since clients show and match them.</summary>
internal static class ApiErrors
{
    public static ClusterApiException NotFound(GroupResource resource, string name) =>
        new(404, "NotFound", $"{Qualified(resource)} \"{name}\" not found") { Details = Details(resource, name) };

    public static ClusterApiException NoSuchPath() =>
        new(404, "NotFound", "the server could not find the requested resource") { Details = [] };

    public static ClusterApiException AlreadyExists(GroupResource resource, string name) =>
        new(409, "AlreadyExists", $"{Qualified(resource)} \"{name}\" already exists") { Details = Details(resource, name) };

    public static ClusterApiException Conflict(GroupResource resource, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {Qualified(resource)} \"{name}\": {why}")
        {
            Details = Details(resource, name),
        };

    public static ClusterApiException Modified(GroupResource resource, string name) => Conflict(
        resource, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static ClusterApiException Precondition(GroupResource resource, string name, string what, string wanted, string present) =>
        Conflict(resource, name, $"Precondition failed: {what} in precondition: {wanted}, {what} in object meta: {present}");

    public static ClusterApiException Forbidden(GroupResource resource, string name, string why) =>
        new(403, "Forbidden", $"{Qualified(resource)} \"{name}\" is forbidden: {why}") { Details = Details(resource, name) };

    public static ClusterApiException BadRequest(string message) => new(400, "BadRequest", message);

    public static ClusterApiException Expired(string message) => new(410, "Expired", message);

    public static ClusterApiException TooManyRequests(string message) => new(429, "TooManyRequests", message);

    public static ClusterApiException MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");

    public static ClusterApiException UnsupportedMediaType(string message) => new(415, "UnsupportedMediaType", message);

    public static ClusterApiException Invalid(ResourceType type, string name, IReadOnlyCollection<FieldError> errors)
    {
        var all = string.Join(", ", errors.Select(e => e.ToString()));
        var kind = type.Resource.Group.Length == 0 ? type.Kind : $"{type.Kind}.{type.Resource.Group}";
        var details = new JsonObject { ["name"] = name, ["group"] = type.Resource.Group, ["kind"] = type.Kind };
        details["causes"] = new JsonArray([.. errors.Select(e => (JsonNode)new JsonObject
        {
            ["reason"] = e.Reason,
            ["message"] = e.Body,
            ["field"] = e.Path,
        })]);
        return new(422, "Invalid", $"{kind} \"{name}\" is invalid: {(errors.Count > 1 ? $"[{all}]" : all)}") { Details = details };
    }

    /// <summary>metav1.Status of a refusal.</summary>
    public static JsonObject ToStatus(this ClusterApiException error)
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = error.Message,
            ["reason"] = error.Reason,
        };
        if (error.Details is { } details)
            status["details"] = details.Copy();
        status["code"] = error.Code;
        return status;
    }

    public static string Qualified(GroupResource resource) =>
        resource.Group.Length == 0 ? resource.Plural : $"{resource.Plural}.{resource.Group}";

    private static JsonObject Details(GroupResource resource, string name)
    {
        var details = new JsonObject();
        if (name.Length > 0)
            details["name"] = name;
        if (resource.Group.Length > 0)
            details["group"] = resource.Group;
        details["kind"] = resource.Plural;
        return details;
    }
}
