using System.Globalization;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Selectors;

namespace K8sQueue.LocalCluster.Autoscaling.Targets;

/// <summary>Reads and writes the scale of whatever has one.</summary>
internal sealed class ScaleTargets(IClusterApi api, ResourceCatalog catalog)
{
    /// <exception cref="ScaleTargetException">No such kind is served.</exception>
    public ResourceEndpoint Resolve(ScaleTargetReference target) =>
        catalog.All.FirstOrDefault(t => t.Resource.Group == target.Group && t.Kind == target.Kind) is { } type && type.Version(target.Version) is { } version
            ? new ResourceEndpoint(type, version)
            : throw new ScaleTargetException($"no matches for kind \"{target.Kind}\" in version \"{target.ApiVersion}\"");

    /// <exception cref="ScaleTargetException">The target is missing, or has no scale.</exception>
    public Scale Read(string @namespace, ScaleTargetReference target)
    {
        var endpoint = Resolve(target);
        var value = api.Get(endpoint.Type.Resource, @namespace, target.Name)
            ?? throw new ScaleTargetException($"{Resource(endpoint)} \"{target.Name}\" not found");
        var paths = Paths(endpoint);
        if (value.NumberAt(paths.SpecReplicas) is not { } replicas)
            throw new ScaleTargetException($"the spec replicas field \".{string.Join('.', paths.SpecReplicas)}\" does not exist");
        var selector = paths.Selector is null ? null : value.At(paths.Selector);
        return new Scale(
            (int)replicas,
            value.IntegerAt(paths.StatusReplicas) ?? 0,
            selector is JsonObject labels ? LabelSelector.Show(labels) : selector.AsText() ?? "");
    }

    /// <summary>Writes spec.replicas; what it was before.</summary>
    /// <exception cref="ScaleTargetException">The target is missing, has no scale, or refuses the number.</exception>
    public int Write(string @namespace, ScaleTargetReference target, int replicas)
    {
        var endpoint = Resolve(target);
        var paths = Paths(endpoint);
        var before = Read(@namespace, target).SpecReplicas;
        try
        {
            api.Modify(endpoint.Type.Resource, @namespace, target.Name, v => v.Put(replicas, paths.SpecReplicas));
        }
        catch (ClusterApiException e)
        {
            throw new ScaleTargetException(string.Create(CultureInfo.InvariantCulture, $"{target.Name} cannot be scaled to {replicas}: {e.Message}"), e);
        }

        return before;
    }

    private static ScalePaths Paths(ResourceEndpoint endpoint) =>
        endpoint.Version.Scale ?? throw new ScaleTargetException($"{Resource(endpoint)} has no scale subresource");

    private static string Resource(ResourceEndpoint endpoint) => $"{endpoint.Type.Resource.Plural}.{endpoint.Type.Resource.Group}";
}
