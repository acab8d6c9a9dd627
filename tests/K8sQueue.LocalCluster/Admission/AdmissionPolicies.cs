using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Selectors;
using K8sQueue.LocalCluster.Storage;
using K8sQueue.Operator.Admission;

namespace K8sQueue.LocalCluster.Admission;

/// <summary>
/// Enforces the stored ValidatingAdmissionPolicies that are bound with the action Deny. An expression runs as its C# twin, found by its exact text;
/// one without a twin is not run, and said loudly when the policy is made. No parameters, match conditions or namespace selectors.
/// </summary>
internal sealed partial class AdmissionPolicies(ObjectStore store, ILogger<AdmissionPolicies> logger) : IAdmissionValidator
{
    private const string Group = "admissionregistration.k8s.io";

    private static readonly GroupResource Policies = new(Group, "validatingadmissionpolicies");
    private static readonly GroupResource Bindings = new(Group, "validatingadmissionpolicybindings");

    public void Validate(AdmissionRequest request)
    {
        if (request is not { Object: { } value, User: { } user })
            return;
        if (request.Resource == Policies)
            WarnOfUnknown(value);
        foreach (var (policy, binding) in Bound())
        {
            if (!Matches(policy, request))
                continue;
            var input = new AdmissionInput(request.OldObject is null, value, request.OldObject, user.Name, OperatorsOf(policy));
            foreach (var validation in policy.ListAt("spec", "validations") ?? [])
            {
                if (AdmissionRules.Find(validation.TextAt("expression") ?? "") is { } rule && !rule.Predicate(input))
                    throw Refusal(request.Resource, value, policy.Name(), binding, validation.TextAt("message"));
            }
        }
    }

    private IEnumerable<(JsonObject Policy, string Binding)> Bound() =>
        from binding in store.Snapshot(Bindings).Objects.Values
        where binding.Value.ListAt("spec", "validationActions")?.Any(action => (string?)action == "Deny") == true
        from policy in store.Snapshot(Policies).Objects.Values
        where policy.Name == binding.Value.TextAt("spec", "policyName")
        select (policy.Value, binding.Name);

    private static bool Matches(JsonObject policy, AdmissionRequest request)
    {
        var constraints = policy.MapAt("spec", "matchConstraints");
        var resource = request.Subresource is null ? request.Resource.Plural : $"{request.Resource.Plural}/{request.Subresource}";
        var operation = request.OldObject is null ? "CREATE" : "UPDATE";
        var selector = LabelSelector.From(constraints.MapAt("objectSelector"));
        return constraints.ListAt("resourceRules")?.Any(rule =>
                Has(rule, "apiGroups", request.Resource.Group) && Has(rule, "resources", resource) && Has(rule, "operations", operation)) == true
            && (constraints.MapAt("objectSelector") is null || Selects(selector, request.Object) || Selects(selector, request.OldObject));
    }

    private static bool Selects(LabelSelector selector, JsonObject? value) =>
        value is not null && selector.Matches(value.MapAt("metadata", "labels"));

    private static bool Has(JsonNode? rule, string list, string value) =>
        rule.ListAt(list)?.Any(item => (string?)item is var text && (text == "*" || text == value)) == true;

    /// <summary>A variable that is a literal list of texts.</summary>
    private static IReadOnlyList<string> OperatorsOf(JsonObject policy)
    {
        var literal = policy.ListAt("spec", "variables")?.FirstOrDefault(variable => variable.TextAt("name") == "operators").TextAt("expression") ?? "";
        return [.. literal.Trim('[', ']', ' ').Split(',').Select(item => item.Trim(' ', '\''))];
    }

    private static ClusterApiException Refusal(GroupResource resource, JsonObject value, string policy, string binding, string? message) =>
        new(422, "Invalid",
            $"{ApiErrors.Qualified(resource)} \"{value.Name()}\" is forbidden: ValidatingAdmissionPolicy '{policy}' with binding '{binding}' denied request: {message}");

    private void WarnOfUnknown(JsonObject policy)
    {
        foreach (var validation in policy.ListAt("spec", "validations") ?? [])
        {
            if (validation.TextAt("expression") is { } cel && AdmissionRules.Find(cel) is null)
                Log.Unknown(logger, policy.Name(), cel);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "{Policy} has a validation that LocalCluster does NOT run, since no C# predicate is registered for it: {Expression}")]
        public static partial void Unknown(ILogger logger, string policy, string expression);
    }
}
