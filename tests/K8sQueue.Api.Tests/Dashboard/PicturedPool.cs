using System.Globalization;
using K8sQueue.Api.Cluster.Resources;
using K8sQueue.Api.Tests.Cluster;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Api.Tests.Dashboard;

/// <summary>A pool and a budget as they are pictured: it was asked to grow, and its budget lets it not.</summary>
internal static class PicturedPool
{
    public const string Namespace = "store";

    public const string DrainingPod = "emails-5f6c88-a9zzt";

    private const string Revision = "7d4b9c";

    /// <summary>What a sample of it is while a queue has so many jobs in it.</summary>
    public static WorkerPoolResource After(long backlog)
    {
        var desired = (int)Math.Clamp((backlog * 3 + 3) / 4, 1, 6);
        return new WorkerPoolResource
        {
            Metadata = new V1ObjectMeta { Namespace = Namespace, Name = "emails" },
            Status = new PoolStatus { DesiredReplicas = desired, ReadyReplicas = Math.Min(4, desired) },
        };
    }

    /// <summary>Makes them, as the operator would have left them.</summary>
    public static async Task MakeAsync(TestCluster cluster, DateTimeOffset now)
    {
        var drain = (now - TimeSpan.FromSeconds(40)).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var since = (now - TimeSpan.FromMinutes(9)).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        await cluster.ApplyAsync(
            $$$"""
            apiVersion: v1
            kind: Namespace
            metadata: {name: {{{Namespace}}}}
            ---
            apiVersion: k8squeue.io/v1alpha1
            kind: WorkerPool
            metadata: {name: emails, namespace: {{{Namespace}}}}
            spec:
              queues: [{name: emails, jobsPerReplica: 20, k8squeue: {redis: {address: "redis:6379"} } }]
              scaling: {minReplicas: 1, maxReplicas: 8}
              connections: [{budget: orders-db, perReplica: 10}]
              template: {spec: {containers: [{name: worker, image: "ghcr.io/acme/emails:1.4"}]}}
            ---
            apiVersion: k8squeue.io/v1alpha1
            kind: ConnectionBudget
            metadata: {name: orders-db, namespace: {{{Namespace}}}}
            spec: {capacity: 120, reserved: 10, external: [{name: web, connections: 30}]}
            {{{string.Join("\n", Enumerable.Range(0, 5).Select(i => Pod($"emails-{Revision}-{i}x2kq", Revision, i == 4 ? "schedulingGates: [{name: k8squeue.io/connections}], " : "")))}}}
            {{{Pod(DrainingPod, "5f6c88", "", $", k8squeue.io/draining-since: \"{drain}\"")}}}
            """);
        await PatchAsync(cluster, "workerpool", "emails", $$$"""
            {"status": {
              "replicas": 4, "readyReplicas": 4, "desiredReplicas": 6, "effectiveMaxReplicas": 6, "limitedBy": "ConnectionBudget/orders-db",
              "drainingReplicas": 1, "oldestDrainStartedAt": "{{{drain}}}", "waitingReplicas": 1, "currentRevision": "{{{Revision}}}",
              "stableRevision": "{{{Revision}}}", "updatedReplicas": 4, "selector": "k8squeue.io/pool=emails", "observedGeneration": 1,
              "conditions": [
                {{{Condition("Ready", "True", "AsExpected", "The pool runs as its spec asks.", since)}}},
                {{{Condition("Progressing", "True", "Scaling", "4 of 6 replicas run.", since)}}},
                {{{Condition("ScalingReady", "True", "ScaledObjectReady", "KEDA scales the pool.", since)}}},
                {{{Condition("CapacityLimited", "True", "BudgetExhausted", "The budget orders-db allows no more replicas now.", since)}}},
                {{{Condition("Draining", "True", "PodsDrain", "1 pod finishes what it has.", drain)}}},
                {{{Condition("SignalComplete", "True", "InFlightCounted", "The signal counts jobs that run.", since)}}}
              ]
            }}
            """);
        await PatchAsync(cluster, "connectionbudget", "orders-db", $$$"""
            {"status": {
              "capacity": 120, "reserved": 40, "inUse": 76, "available": 4, "observedGeneration": 1,
              "granted": [
                {{{string.Join(", ", Enumerable.Range(0, 4).Select(i => Holder($"emails-{Revision}-{i}x2kq", 10)))}}}, {{{Holder(DrainingPod, 10)}}},
                {{{Holder("reports-66b9d-k2m4p", 12)}}}, {{{Holder("thumbnails-85c7f-hq8rz", 7)}}}, {{{Holder("thumbnails-85c7f-w4d2n", 7)}}}
              ],
              "allocations": [
                {"pool": "emails", "perReplica": 10, "minReplicas": 1, "pods": 5, "grantedReplicas": 4, "connections": 50},
                {"pool": "reports", "perReplica": 12, "minReplicas": 0, "pods": 1, "grantedReplicas": 1, "connections": 12},
                {"pool": "thumbnails", "perReplica": 7, "minReplicas": 0, "pods": 2, "grantedReplicas": 2, "connections": 14}
              ],
              "conditions": [
                {{{Condition("Ready", "True", "WithinBudget", "What is granted is within the budget.", since)}}},
                {{{Condition("Exhausted", "True", "BudgetExhausted", "Less is left than a replica of emails takes.", since)}}},
                {{{Condition("Unaccounted", "False", "AllAccountedFor", "Pods, external and reserved explain the server's connections.", since)}}}
              ]
            }}
            """);
    }

    private static Task<string> PatchAsync(TestCluster cluster, string kind, string name, string status) =>
        cluster.KubectlAsync("patch", kind, name, "-n", Namespace, "--subresource=status", "--type=merge", "-p", status);

    private static string Pod(string name, string revision, string spec, string annotations = "") => $$$"""
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: {{{name}}}
          namespace: {{{Namespace}}}
          labels: {k8squeue.io/pool: emails, k8squeue.io/revision: "{{{revision}}}"}
          annotations: {k8squeue.io/charges: '{"orders-db":10}'{{{annotations}}}}
        spec: { {{{spec}}}containers: [{name: worker, image: "ghcr.io/acme/emails:1.4"}]}
        """;

    private static string Holder(string pod, int connections) => $$$"""{"uid": "{{{pod}}}", "pod": "{{{pod}}}", "connections": {{{connections}}} }""";

    private static string Condition(string type, string status, string reason, string message, string since) => $$$"""
        {"type": "{{{type}}}", "status": "{{{status}}}", "reason": "{{{reason}}}", "message": "{{{message}}}", "lastTransitionTime": "{{{since}}}", "observedGeneration": 1}
        """;
}
