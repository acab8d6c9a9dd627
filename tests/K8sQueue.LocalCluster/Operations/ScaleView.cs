using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Schema;
using K8sQueue.LocalCluster.Selectors;

namespace K8sQueue.LocalCluster.Operations;

/// <summary>The autoscaling/v1 Scale of an object.</summary>
internal static class ScaleView
{
    /// <exception cref="ClusterApiException">The object has no replicas.</exception>
    public static JsonObject Read(ResourceEndpoint endpoint, JsonObject value)
    {
        var paths = endpoint.Version.Scale ?? throw ApiErrors.NoSuchPath();
        var replicas = value.NumberAt(paths.SpecReplicas) ?? throw new ClusterApiException(
            500, "InternalError", $"Internal error occurred: the spec replicas field \".{string.Join('.', paths.SpecReplicas)}\" does not exist");
        var metadata = new JsonObject();
        foreach (var member in (string[])["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            if (value.TextAt("metadata", member) is { } text)
                metadata[member] = text;
        }

        var status = new JsonObject { ["replicas"] = value.NumberAt(paths.StatusReplicas) ?? 0 };
        if (paths.Selector is { } path && value.At(path) is { } selector)
            status["selector"] = selector.AsText() ?? LabelSelector.Show(selector as JsonObject);
        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["replicas"] = replicas },
            ["status"] = status,
        };
    }

    /// <summary>The object with the replicas of a Scale.</summary>
    /// <exception cref="ClusterApiException">Invalid.</exception>
    public static JsonObject Write(ResourceEndpoint endpoint, JsonObject value, JsonObject scale)
    {
        var paths = endpoint.Version.Scale ?? throw ApiErrors.NoSuchPath();
        if (scale.TextAt("kind") is { } kind and not "Scale")
            throw ApiErrors.BadRequest($"{kind} in version \"v1\" cannot be handled as a Scale");
        var replicas = scale.NumberAt("spec", "replicas") ?? 0;
        if (replicas is < 0 or > int.MaxValue)
        {
            throw ApiErrors.Invalid(new ResourceType(new GroupResource("autoscaling", "scales"), "Scale")
            {
                Versions = [],
                StorageVersion = "v1",
                Strategy = endpoint.Type.Strategy,
            }, value.Name(), [FieldError.Invalid("spec.replicas", replicas, "must be greater than or equal to 0")]);
        }

        var result = value.Copy();
        result.Need(paths.SpecReplicas.AsSpan(0, paths.SpecReplicas.Length - 1))[paths.SpecReplicas[^1]] = replicas;
        foreach (var member in (string[])["resourceVersion", "uid"])
        {
            if (scale.TextAt("metadata", member) is { Length: > 0 } precondition)
                result.Metadata()[member] = precondition;
        }

        return result;
    }
}
