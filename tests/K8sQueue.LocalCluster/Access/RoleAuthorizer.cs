using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Storage;

namespace K8sQueue.LocalCluster.Access;

/// <summary>RBAC over the stored roles and bindings. No aggregated ClusterRoles, no check against escalation.</summary>
internal sealed class RoleAuthorizer(ObjectStore store)
{
    private const string Group = "rbac.authorization.k8s.io";

    public bool IsAllowed(ClusterUser user, AccessRequest request) =>
        user.IsMaster || RulesOf(user, request.Namespace).Any(rule => Allows(rule, request));

    private IEnumerable<JsonNode?> RulesOf(ClusterUser user, string? @namespace)
    {
        var bindings = All("clusterrolebindings", null);
        if (@namespace is not null)
            bindings = bindings.Concat(All("rolebindings", @namespace));
        return bindings.Where(binding => Binds(binding, user)).SelectMany(RulesOf);
    }

    private IEnumerable<JsonNode?> RulesOf(JsonObject binding)
    {
        var isClusterRole = binding.TextAt("roleRef", "kind") == "ClusterRole";
        var name = binding.TextAt("roleRef", "name");
        return All(isClusterRole ? "clusterroles" : "roles", isClusterRole ? null : binding.Namespace())
            .Where(role => role.Name() == name)
            .SelectMany(role => role.ListAt("rules") ?? []);
    }

    private static bool Binds(JsonObject binding, ClusterUser user) =>
        binding.ListAt("subjects")?.Any(subject => subject.TextAt("kind") switch
        {
            "ServiceAccount" => user.Name == ClusterUser.ServiceAccount(
                subject.TextAt("namespace") ?? binding.Namespace() ?? "", subject.TextAt("name") ?? "").Name,
            "Group" => user.Groups.Contains(subject.TextAt("name") ?? ""),
            _ => user.Name == subject.TextAt("name"),
        }) == true;

    private static bool Allows(JsonNode? rule, AccessRequest request) =>
        Has(rule, "verbs", request.Verb)
        && Has(rule, "apiGroups", request.Group)
        && Has(rule, "resources", request.Resource)
        && (rule.ListAt("resourceNames") is not { Count: > 0 } || (request.Name is { } name && Has(rule, "resourceNames", name)));

    private static bool Has(JsonNode? rule, string list, string value) =>
        rule.ListAt(list)?.Any(item => (string?)item is var text && (text == "*" || text == value)) == true;

    private IEnumerable<JsonObject> All(string plural, string? @namespace) =>
        store.Snapshot(new GroupResource(Group, plural)).Objects.Values
            .Where(stored => @namespace is null || stored.Namespace == @namespace).Select(stored => stored.Value);
}
