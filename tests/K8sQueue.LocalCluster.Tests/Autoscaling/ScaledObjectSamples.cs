using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Autoscaling.ScaledObjects;

namespace K8sQueue.LocalCluster.Tests.Autoscaling;

internal static class ScaledObjectSamples
{
    /// <summary>A ScaledObject over one list; members of the second text go over those of the spec.</summary>
    public static JsonObject Build(string name, string target, string spec = "{}", string address = "127.0.0.1:1")
    {
        var value = JsonNode.Parse($$"""
            {
              "apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {"name": "{{name}}", "namespace": "default"},
              "spec": {
                "scaleTargetRef": {"name": "{{target}}"},
                "triggers": [{"type": "redis", "name": "jobs", "metadata": {"address": "{{address}}", "listName": "jobs", "listLength": "5"} }]
              }
            }
            """)!.AsObject();
        foreach (var (member, part) in JsonNode.Parse(spec)!.AsObject())
            value["spec"]![member] = part?.DeepClone();
        return value;
    }

    public static ScaledObject Of(string spec, string? status = null, string? annotations = null)
    {
        var value = Build("so", "web", spec);
        value["metadata"]!["creationTimestamp"] = "2026-01-01T00:00:00Z";
        if (status is not null)
            value["status"] = JsonNode.Parse(status);
        if (annotations is not null)
            value["metadata"]!["annotations"] = JsonNode.Parse(annotations);
        return new ScaledObject(value);
    }
}
