using System.ComponentModel;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities.Schema;

namespace K8sQueue.Operator.Entities;

/// <summary>A fleet of workers that follows its queues.</summary>
[KubernetesEntity(Group = Labels.Group, ApiVersion = Labels.Version, Kind = "WorkerPool", PluralName = "workerpools")]
[CustomResource("workerpool", "wp", Scale = true)]
[Description("A fleet of background workers that follows the lag of its queues, within the connection budgets that it names.")]
[PrinterColumn("Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status")]
[PrinterColumn("Desired", "integer", ".status.desiredReplicas", Description = "What the autoscaler asked for.")]
[PrinterColumn("Current", "integer", ".status.replicas", Description = "Replicas that serve.")]
[PrinterColumn("Max", "integer", ".status.effectiveMaxReplicas", Description = "maxReplicas, or less where a budget allows less.")]
[PrinterColumn("Limited-By", "string", ".status.limitedBy", Description = "What keeps the pool below what was asked for.")]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp")]
[PrinterColumn("Image", "string", ".spec.template.spec.containers[0].image", Priority = 1)]
[PrinterColumn("Reason", "string", ".status.conditions[?(@.type==\"Ready\")].reason", Priority = 1)]
public sealed class V1Alpha1WorkerPool : CustomKubernetesEntity<WorkerPoolSpec, WorkerPoolStatus>;
