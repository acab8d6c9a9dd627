using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Admission;

/// <summary>Says loudly which rules of a new definition LocalCluster can't run.</summary>
internal sealed partial class UnknownRuleWarner(IValidationRuleSource rules, ILogger<UnknownRuleWarner> logger) : IAdmissionValidator
{
    public void Validate(AdmissionRequest request)
    {
        if (request.Resource != GroupResource.CustomResourceDefinitions || request.Object is null || request.Subresource is not null)
            return;
        if (JsonNode.DeepEquals(request.Object["spec"], request.OldObject?["spec"]))
            return;
        foreach (var rule in RulesOf(request.Object["spec"]).Where(r => rules.Find(r) is null).Distinct())
            Log.Unknown(logger, request.Object.Name(), rule);
    }

    internal static IEnumerable<string> RulesOf(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(m =>
            m is { Key: "x-kubernetes-validations", Value: JsonArray list }
                ? list.Select(r => r.TextAt("rule")).OfType<string>()
                : RulesOf(m.Value)),
        JsonArray list => list.SelectMany(RulesOf),
        _ => [],
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "{Definition} has a validation rule that LocalCluster does NOT run, since no C# predicate is registered for it: {Rule}")]
        public static partial void Unknown(ILogger logger, string definition, string rule);
    }
}
