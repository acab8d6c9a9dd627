using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Resources;

namespace K8sQueue.LocalCluster.BuiltIns;

/// <summary>events.k8s.io/v1 as a view of core/v1 events, which is the stored form.</summary>
internal sealed class EventConversion : IObjectConversion
{
    private static readonly (string Core, string Events)[] Members =
    [
        ("involvedObject", "regarding"),
        ("message", "note"),
        ("reportingComponent", "reportingController"),
        ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"),
        ("count", "deprecatedCount"),
    ];

    public bool IsIdentity(JsonObject stored, ResourceEndpoint endpoint) => false;

    public JsonObject FromStorage(JsonObject stored, ResourceEndpoint endpoint) =>
        Rename(stored, "events.k8s.io/v1", name => Array.Find(Members, m => m.Core == name).Events);

    public JsonObject ToStorage(JsonObject value, ResourceEndpoint endpoint) =>
        Rename(value, "v1", name => Array.Find(Members, m => m.Events == name).Core);

    private static JsonObject Rename(JsonObject value, string apiVersion, Func<string, string?> rename)
    {
        var result = new JsonObject { ["apiVersion"] = apiVersion };
        foreach (var (name, node) in value)
        {
            if (name != "apiVersion")
                result[rename(name) ?? name] = node?.DeepClone();
        }

        return result;
    }
}
