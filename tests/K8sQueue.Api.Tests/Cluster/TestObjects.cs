namespace K8sQueue.Api.Tests.Cluster;

/// <summary>What is in <see cref="TestCluster"/>.</summary>
internal static class TestObjects
{
    public const string Yaml = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop}
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: billing}
        ---
        apiVersion: k8squeue.io/v1alpha1
        kind: WorkerPool
        metadata: {name: emails, namespace: shop}
        spec:
          queues: [{name: emails, jobsPerReplica: 20, k8squeue: {redis: {address: "redis:6379"}}}]
          scaling: {minReplicas: 1, maxReplicas: 50}
          connections: [{budget: orders-db, perReplica: 10}]
          template: {spec: {containers: [{name: worker, image: "ghcr.io/acme/emails:1.4", env: [{name: PASSWORD, value: hunter2}]}]}}
        ---
        apiVersion: k8squeue.io/v1alpha1
        kind: WorkerPool
        metadata: {name: reports, namespace: shop}
        spec:
          suspend: true
          queues: [{name: reports, jobsPerReplica: 1, k8squeue: {redis: {address: "redis:6379"}}}]
          template: {spec: {containers: [{name: worker, image: "ghcr.io/acme/reports:1"}]}}
        ---
        apiVersion: k8squeue.io/v1alpha1
        kind: WorkerPool
        metadata: {name: invoices, namespace: billing}
        spec:
          queues: [{name: invoices, jobsPerReplica: 5, bullmq: {redis: {address: "redis:6379"}}}]
          template: {spec: {containers: [{name: worker, image: "ghcr.io/acme/invoices:1"}]}}
        ---
        apiVersion: k8squeue.io/v1alpha1
        kind: ConnectionBudget
        metadata: {name: orders-db, namespace: shop}
        spec: {capacity: 100, reserved: 20, external: [{name: api, connections: 20}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: emails-6b7f-aaaaa
          namespace: shop
          labels: {k8squeue.io/pool: emails, k8squeue.io/revision: 6b7f}
          annotations: {k8squeue.io/charges: '{"orders-db":10}'}
        spec: {containers: [{name: worker, image: "ghcr.io/acme/emails:1.4"}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: emails-6b7f-bbbbb
          namespace: shop
          labels: {k8squeue.io/pool: emails, k8squeue.io/revision: 6b7f}
          annotations: {k8squeue.io/charges: '{"orders-db":10}'}
        spec:
          schedulingGates: [{name: k8squeue.io/connections}]
          containers: [{name: worker, image: "ghcr.io/acme/emails:1.4"}]
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: emails-6b7f-ccccc
          namespace: shop
          labels: {k8squeue.io/pool: emails, k8squeue.io/revision: 6b7f}
          annotations: {k8squeue.io/charges: 'no JSON', k8squeue.io/draining-since: "2026-01-01T12:00:00Z"}
        spec: {containers: [{name: worker, image: "ghcr.io/acme/emails:1.4"}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: somebody, namespace: shop}
        spec: {containers: [{name: other, image: "ghcr.io/acme/other:1"}]}
        """;

    /// <summary>Statuses, as the operator writes them: kind, name, namespace, merge patch.</summary>
    public static readonly IReadOnlyList<(string Kind, string Name, string Namespace, string Patch)> Statuses =
    [
        ("workerpool", "emails", "shop", """
            {"status": {
              "replicas": 1, "readyReplicas": 1, "desiredReplicas": 12, "effectiveMaxReplicas": 6, "limitedBy": "ConnectionBudget/orders-db",
              "drainingReplicas": 1, "oldestDrainStartedAt": "2026-01-01T12:00:00Z", "waitingReplicas": 1, "currentRevision": "6b7f",
              "stableRevision": "6b7f", "updatedReplicas": 1, "selector": "k8squeue.io/pool=emails", "observedGeneration": 1,
              "conditions": [
                {"type": "CapacityLimited", "status": "True", "reason": "BudgetExhausted", "message": "The budget orders-db allows no more replicas now.",
                 "lastTransitionTime": "2026-01-01T12:00:00Z", "observedGeneration": 1}
              ]
            }}
            """),
        ("connectionbudget", "orders-db", "shop", """
            {"status": {
              "capacity": 100, "reserved": 40, "inUse": 30, "available": 30, "observedGeneration": 1,
              "granted": [{"uid": "u-1", "pod": "emails-6b7f-aaaaa", "connections": 10}],
              "pending": [{"uid": "u-2", "pod": "emails-6b7f-bbbbb", "connections": 10}],
              "held": [{"uid": "u-3", "pod": "emails-6b7f-zzzzz", "connections": 10, "since": "2026-01-01T12:00:00Z"}],
              "allocations": [{"pool": "emails", "perReplica": 10, "minReplicas": 1, "pods": 3, "grantedReplicas": 6, "connections": 30}],
              "conditions": [
                {"type": "Ready", "status": "True", "reason": "WithinBudget", "message": "Connections are left.",
                 "lastTransitionTime": "2026-01-01T12:00:00Z", "observedGeneration": 1}
              ]
            }}
            """),
    ];
}
