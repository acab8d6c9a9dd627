using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Schema;

namespace K8sQueue.LocalCluster.Operations;

/// <summary>That a body says the same kind, namespace and name as the URL that it came to.</summary>
internal static class Address
{
    /// <summary>Fills what is missing and refuses what differs.</summary>
    /// <exception cref="ClusterApiException">BadRequest; Invalid for another kind than a definition's.</exception>
    public static void Claim(ResourceEndpoint endpoint, string? @namespace, string? name, JsonObject value)
    {
        Fill(value, "apiVersion", endpoint.ApiVersion,
            given => $"the API version in the data ({given}) does not match the expected API version ({endpoint.ApiVersion})");
        if (endpoint.Type.IsCustom && value.TextAt("kind") is { Length: > 0 } kind && kind != endpoint.Type.Kind)
        {
            throw new ClusterApiException(
                422, "Invalid",
                $"{kind}.{endpoint.Type.Resource.Group} \"{value.Name()}\" is invalid: {FieldError.Invalid("kind", kind, $"must be {endpoint.Type.Kind}")}");
        }

        Fill(value, "kind", endpoint.Type.Kind,
            given => $"{given} in version \"{endpoint.Version.Name}\" cannot be handled as a {endpoint.Type.Kind}");
        if (value["metadata"] is not null and not JsonObject)
            throw ApiErrors.BadRequest("metadata must be an object");
        var metadata = value.Metadata();
        if (!endpoint.Type.Namespaced)
        {
            metadata.Remove("namespace");
        }
        else if (@namespace is { Length: > 0 })
        {
            Fill(metadata, "namespace", @namespace,
                _ => "the namespace of the provided object does not match the namespace sent on the request");
        }

        if (name is not null)
        {
            Fill(metadata, "name", name,
                given => $"the name of the object ({given}) does not match the name on the URL ({name})");
        }

        if (endpoint.Type.Namespaced && string.IsNullOrEmpty(value.Namespace()))
            throw ApiErrors.BadRequest("an empty namespace may not be set during creation");
    }

    private static void Fill(JsonObject value, string member, string wanted, Func<string, string> message)
    {
        var given = value.TextAt(member);
        if (string.IsNullOrEmpty(given))
            value[member] = wanted;
        else if (given != wanted)
            throw ApiErrors.BadRequest(message(given));
    }
}
