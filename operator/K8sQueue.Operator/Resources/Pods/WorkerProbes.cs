using System.Text.Json.Nodes;
using K8sQueue.Operator.Drains;

namespace K8sQueue.Operator.Resources.Pods;

/// <summary>The management port and the probes on it, where the template has none of its own.</summary>
internal static class WorkerProbes
{
    public static void AddTo(JsonObject worker)
    {
        var port = WorkerEnvironment.PortOf(worker);
        var ports = worker.List("ports");
        if (ports.Named(ManagementPort.Name) is null && !ports.Any(item => item.At("containerPort").Number() == port))
            ports.Add(new JsonObject { ["name"] = ManagementPort.Name, ["containerPort"] = port, ["protocol"] = "TCP" });
        worker.Default("readinessProbe", Probe("/readyz", port, periodSeconds: 2));
        worker.Default("livenessProbe", Probe("/healthz", port, periodSeconds: 10));
    }

    private static JsonObject Probe(string path, int port, int periodSeconds) => new()
    {
        ["httpGet"] = new JsonObject { ["path"] = path, ["port"] = port },
        ["periodSeconds"] = periodSeconds,
        ["timeoutSeconds"] = 5,
        ["failureThreshold"] = 3,
    };
}
