using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Resources;

namespace K8sQueue.LocalCluster.Http;

/// <summary>/api and /apis: what is served, plainly or aggregated (apidiscovery.k8s.io/v2).</summary>
internal sealed class Discovery(ResourceCatalog catalog)
{
    public const string Aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    private static readonly string[] AllVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    private static readonly string[] SubresourceVerbs = ["get", "patch", "update"];

    /// <summary>False where the path is none of discovery's.</summary>
    public async Task<bool> TryServeAsync(HttpContext context)
    {
        var segments = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var isAggregated = context.Request.Headers.Accept.ToString().Contains("as=APIGroupDiscoveryList", StringComparison.Ordinal)
            && context.Request.Headers.Accept.ToString().Contains("v=v2", StringComparison.Ordinal);
        switch (segments)
        {
            case ["api"] or ["apis"] when isAggregated:
                var groups = Groups().Where(g => g.Key.Length == 0 == (segments[0] == "api")).Select(AggregatedGroup);
                await ApiResponse.WriteAsync(context, 200, new JsonObject
                {
                    ["kind"] = "APIGroupDiscoveryList",
                    ["apiVersion"] = "apidiscovery.k8s.io/v2",
                    ["metadata"] = new JsonObject(),
                    ["items"] = new JsonArray([.. groups]),
                }, Aggregated);
                return true;
            case ["api"]:
                await ApiResponse.WriteAsync(context, 200, new JsonObject
                {
                    ["kind"] = "APIVersions",
                    ["versions"] = new JsonArray("v1"),
                    ["serverAddressByClientCIDRs"] = new JsonArray(),
                });
                return true;
            case ["apis"]:
                await ApiResponse.WriteAsync(context, 200, new JsonObject
                {
                    ["kind"] = "APIGroupList",
                    ["apiVersion"] = "v1",
                    ["groups"] = new JsonArray([.. Groups().Where(g => g.Key.Length > 0).Select(Group)]),
                });
                return true;
            case ["apis", var name]:
                var group = Groups().FirstOrDefault(g => g.Key == name) ?? throw ApiErrors.NoSuchPath();
                var body = (JsonObject)Group(group);
                body["kind"] = "APIGroup";
                body["apiVersion"] = "v1";
                await ApiResponse.WriteAsync(context, 200, body);
                return true;
            case ["api", var version]:
                await ApiResponse.WriteAsync(context, 200, ResourceList("", version));
                return true;
            case ["apis", var name, var version]:
                await ApiResponse.WriteAsync(context, 200, ResourceList(name, version));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Groups, core first, with their resources.</summary>
    private IEnumerable<IGrouping<string, ResourceType>> Groups() =>
        catalog.All.Where(t => t.Versions.Count > 0).GroupBy(t => t.Resource.Group);

    private static List<string> Versions(IEnumerable<ResourceType> types) => [.. types.SelectMany(t => t.Versions).Select(v => v.Name).Distinct()];

    private static JsonNode Group(IGrouping<string, ResourceType> group)
    {
        var versions = Versions(group).Select(v => new JsonObject { ["groupVersion"] = $"{group.Key}/{v}", ["version"] = v }).ToList();
        return new JsonObject
        {
            ["name"] = group.Key,
            ["versions"] = new JsonArray([.. versions]),
            ["preferredVersion"] = versions[0].DeepClone(),
        };
    }

    private JsonObject ResourceList(string group, string version)
    {
        var resources = new JsonArray();
        foreach (var endpoint in Endpoints(group, version))
        {
            resources.Add((JsonNode)Plain(endpoint));
            foreach (var (name, kind, owner, verbs) in Subresources(endpoint))
            {
                var entry = new JsonObject
                {
                    ["name"] = $"{endpoint.Type.Resource.Plural}/{name}",
                    ["singularName"] = "",
                    ["namespaced"] = endpoint.Type.Namespaced,
                    ["kind"] = kind,
                    ["verbs"] = JsonTree.Texts(verbs),
                };
                if (owner.Group != endpoint.Type.Resource.Group)
                    (entry["group"], entry["version"]) = (owner.Group, owner.Version);
                resources.Add((JsonNode)entry);
            }
        }

        if (resources.Count == 0)
            throw ApiErrors.NoSuchPath();
        return new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}",
            ["resources"] = resources,
        };
    }

    private IEnumerable<ResourceEndpoint> Endpoints(string group, string version) => catalog.All
        .Where(t => t.Resource.Group == group && t.Version(version) is not null)
        .Select(t => t.At(version));

    private static JsonObject Plain(ResourceEndpoint endpoint)
    {
        var entry = new JsonObject
        {
            ["name"] = endpoint.Type.Resource.Plural,
            ["singularName"] = endpoint.Type.Singular,
            ["namespaced"] = endpoint.Type.Namespaced,
            ["kind"] = endpoint.Type.Kind,
            ["verbs"] = JsonTree.Texts(AllVerbs),
        };
        AddNames(entry, endpoint.Type);
        return entry;
    }

    private static JsonNode AggregatedGroup(IGrouping<string, ResourceType> group)
    {
        var versions = new JsonArray();
        foreach (var version in Versions(group))
        {
            var resources = group.Where(t => t.Version(version) is not null).Select(t => (JsonNode)AggregatedResource(t.At(version)));
            versions.Add((JsonNode)new JsonObject
            {
                ["version"] = version,
                ["resources"] = new JsonArray([.. resources]),
                ["freshness"] = "Current",
            });
        }

        return new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = group.Key, ["creationTimestamp"] = null },
            ["versions"] = versions,
        };
    }

    private static JsonObject AggregatedResource(ResourceEndpoint endpoint)
    {
        var entry = new JsonObject
        {
            ["resource"] = endpoint.Type.Resource.Plural,
            ["responseKind"] = Kind(endpoint.Type.Resource.Group, endpoint.Version.Name, endpoint.Type.Kind),
            ["scope"] = endpoint.Type.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = endpoint.Type.Singular,
            ["verbs"] = JsonTree.Texts(AllVerbs),
        };
        AddNames(entry, endpoint.Type);
        var subresources = new JsonArray();
        foreach (var (name, kind, owner, verbs) in Subresources(endpoint))
        {
            subresources.Add((JsonNode)new JsonObject
            {
                ["subresource"] = name,
                ["responseKind"] = Kind(owner.Group, owner.Version, kind),
                ["verbs"] = JsonTree.Texts(verbs),
            });
        }

        if (subresources.Count > 0)
            entry["subresources"] = subresources;
        return entry;
    }

    private static IEnumerable<(string Name, string Kind, (string Group, string Version) Owner, string[] Verbs)> Subresources(
        ResourceEndpoint endpoint)
    {
        var own = (endpoint.Type.Resource.Group, endpoint.Version.Name);
        foreach (var (name, kind, verbs) in endpoint.Type.Extra)
            yield return (name, kind, kind switch
            {
                "Eviction" => ("policy", "v1"),
                "TokenRequest" => ("authentication.k8s.io", "v1"),
                _ => own,
            }, verbs);
        if (endpoint.Version.Scale is not null)
            yield return ("scale", "Scale", ("autoscaling", "v1"), SubresourceVerbs);
        if (endpoint.Version.HasStatus)
            yield return ("status", endpoint.Type.Kind, own, SubresourceVerbs);
    }

    private static void AddNames(JsonObject entry, ResourceType type)
    {
        if (type.ShortNames.Count > 0)
            entry["shortNames"] = JsonTree.Texts(type.ShortNames);
        if (type.Categories.Count > 0)
            entry["categories"] = JsonTree.Texts(type.Categories);
    }

    private static JsonObject Kind(string group, string version, string kind) =>
        new() { ["group"] = group, ["version"] = version, ["kind"] = kind };
}
