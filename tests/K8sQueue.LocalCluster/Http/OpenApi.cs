using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Resources;

namespace K8sQueue.LocalCluster.Http;

/// <summary>
/// /openapi/v3, as much as clients need: that PATCH takes fieldValidation and dryRun, and the schemas of custom kinds. PATCH lists no
/// strategic merge patch, upon which kubectl computes those from its own types.
/// </summary>
internal sealed class OpenApi(ResourceCatalog catalog)
{
    private static readonly string[] Parameters = ["dryRun", "fieldManager", "fieldValidation", "force"];

    /// <summary>False where the path is none of OpenAPI's.</summary>
    public async Task<bool> TryServeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        if (!path.StartsWith("/openapi/v3", StringComparison.Ordinal))
            return false;
        var root = path["/openapi/v3".Length..].Trim('/');
        await ApiResponse.WriteAsync(context, 200, root.Length == 0 ? Index() : Document(root));
        return true;
    }

    private JsonObject Index()
    {
        var paths = new JsonObject();
        foreach (var root in Endpoints().Select(Root).Distinct())
            paths[root] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{root}" };
        return new JsonObject { ["paths"] = paths };
    }

    private JsonObject Document(string root)
    {
        var paths = new JsonObject();
        var schemas = new JsonObject();
        foreach (var endpoint in Endpoints().Where(e => Root(e) == root))
        {
            var group = endpoint.Type.Resource.Group.Length == 0 ? "core" : endpoint.Type.Resource.Group;
            var name = $"{group}.{endpoint.Version.Name}.{endpoint.Type.Kind}";
            var scope = endpoint.Type.Namespaced ? "namespaces/{namespace}/" : "";
            paths[$"/{root}/{scope}{endpoint.Type.Resource.Plural}/{{name}}"] = new JsonObject
            {
                ["get"] = Operation(endpoint, name, "get", []),
                ["patch"] = Operation(endpoint, name, "patch", Parameters),
            };
            var schema = endpoint.Version.Published?.Copy() ?? new JsonObject { ["type"] = "object" };
            schema["x-kubernetes-group-version-kind"] = new JsonArray(Kind(endpoint));
            schemas[name] = schema;
        }

        if (paths.Count == 0)
            throw ApiErrors.NoSuchPath();
        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "LocalCluster, a stand-in for development and CI", ["version"] = ServerVersion.GitVersion },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }

    private static JsonObject Operation(ResourceEndpoint endpoint, string schema, string action, string[] parameters)
    {
        var reference = new JsonObject { ["$ref"] = $"#/components/schemas/{schema}" };
        var content = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = reference } };
        var operation = new JsonObject
        {
            ["parameters"] = new JsonArray([.. parameters.Select(p => (JsonNode)new JsonObject
            {
                ["name"] = p,
                ["in"] = "query",
                ["schema"] = new JsonObject { ["type"] = p == "force" ? "boolean" : "string" },
            })]),
            ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK", ["content"] = content } },
            ["x-kubernetes-action"] = action,
            ["x-kubernetes-group-version-kind"] = Kind(endpoint),
        };
        if (action == "patch")
        {
            operation["requestBody"] = new JsonObject
            {
                ["content"] = new JsonObject
                {
                    ["application/apply-patch+yaml"] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "object" } },
                    ["application/merge-patch+json"] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "object" } },
                },
            };
        }

        return operation;
    }

    private IEnumerable<ResourceEndpoint> Endpoints() => catalog.All.SelectMany(t => t.Versions.Select(v => new ResourceEndpoint(t, v)));

    private static string Root(ResourceEndpoint endpoint) =>
        endpoint.Type.Resource.Group.Length == 0 ? $"api/{endpoint.Version.Name}" : $"apis/{endpoint.ApiVersion}";

    private static JsonObject Kind(ResourceEndpoint endpoint) => new()
    {
        ["group"] = endpoint.Type.Resource.Group,
        ["kind"] = endpoint.Type.Kind,
        ["version"] = endpoint.Version.Name,
    };
}
