using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Resources;

namespace K8sQueue.LocalCluster.Selectors;

/// <summary>The text of <c>fieldSelector=</c>: terms <c>a.b=c</c>, <c>a.b!=c</c>, all of which must hold.</summary>
internal sealed class FieldSelector
{
    public static readonly FieldSelector Everything = new([]);

    private static readonly string[] Always = ["metadata.name", "metadata.namespace"];

    private static readonly string[] EventFields =
    [
        "reason", "type", "source", "reportingComponent", "reportingController", "involvedObject.kind", "involvedObject.namespace",
        "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion", "involvedObject.resourceVersion",
        "involvedObject.fieldPath", "regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid",
    ];

    private static readonly Dictionary<string, string[]> ByPlural = new()
    {
        ["pods"] =
        [
            "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase",
            "status.podIP", "status.nominatedNodeName",
        ],
        ["events"] = EventFields,
        ["nodes"] = ["spec.unschedulable"],
        ["namespaces"] = ["status.phase"],
        ["secrets"] = ["type"],
        ["replicasets"] = ["status.replicas"],
        ["services"] = ["spec.clusterIP", "spec.type"],
    };

    private readonly List<(string[] Path, string Value, bool Equal)> _terms;

    private FieldSelector(List<(string[] Path, string Value, bool Equal)> terms) => _terms = terms;

    /// <summary>The name that is asked for, if one is.</summary>
    public string? Name => _terms.Find(t => t.Equal && t.Path is ["metadata", "name"]).Value;

    /// <exception cref="ClusterApiException">BadRequest, also for a field that the resource does not select by.</exception>
    public static FieldSelector Parse(string? text, ResourceEndpoint endpoint)
    {
        if (string.IsNullOrEmpty(text))
            return Everything;
        var terms = new List<(string[], string, bool)>();
        foreach (var term in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = term.IndexOf('=', StringComparison.Ordinal);
            if (at < 1)
                throw ApiErrors.BadRequest($"invalid selector: '{text}'; can't understand '{term}'");
            var equal = term[at - 1] != '!';
            var field = term[..(equal ? at : at - 1)].Trim();
            if (!Allowed(endpoint).Contains(field))
                throw ApiErrors.BadRequest($"field label not supported: {field}");
            terms.Add((field.Split('.'), term[(at + 1)..].TrimStart('=').Trim(), equal));
        }

        return new FieldSelector(terms);
    }

    public bool Matches(JsonObject value) => _terms.TrueForAll(t => (TextOf(value, t.Path) == t.Value) == t.Equal);

    private static IEnumerable<string> Allowed(ResourceEndpoint endpoint)
    {
        IEnumerable<string> more = endpoint.Type.IsCustom
            ? endpoint.Version.SelectableFields
            : ByPlural.GetValueOrDefault(endpoint.Type.Resource.Plural, []);
        return Always.Concat(more);
    }

    private static string TextOf(JsonObject value, string[] path)
    {
        if (path is ["source"])
            return value.TextAt("source", "component") ?? "";
        var node = value.At(path);
        return node is null ? (path is ["spec", "unschedulable"] ? "false" : "") : node.AsText() ?? node.Show();
    }
}
