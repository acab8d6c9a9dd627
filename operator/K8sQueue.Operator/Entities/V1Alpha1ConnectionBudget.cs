using System.ComponentModel;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities.Schema;

namespace K8sQueue.Operator.Entities;

/// <summary>What a server's connections allow the pools of a namespace to hold together.</summary>
[KubernetesEntity(Group = Labels.Group, ApiVersion = Labels.Version, Kind = "ConnectionBudget", PluralName = "connectionbudgets")]
[CustomResource("connectionbudget", "cb")]
[Description("How many connections the worker pools of this namespace may hold together, running, starting and ending pods included.")]
[PrinterColumn("Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status")]
[PrinterColumn("Capacity", "integer", ".status.capacity")]
[PrinterColumn("Reserved", "integer", ".status.reserved", Description = "Reserved and external connections.")]
[PrinterColumn("In-Use", "integer", ".status.inUse", Description = "Granted, pending and held connections.")]
[PrinterColumn("Available", "integer", ".status.available")]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp")]
public sealed class V1Alpha1ConnectionBudget : CustomKubernetesEntity<ConnectionBudgetSpec, ConnectionBudgetStatus>;
