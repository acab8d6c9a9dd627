using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using K8sQueue.Operator.Entities.Schema;

namespace K8sQueue.Operator.Entities;

[Description("What is made for the Prometheus operator; nothing, unless it is asked for.")]
public sealed class MonitoringSpec
{
    [Defaulted]
    [Description("A PodMonitor: Prometheus reads /metrics of the pool's pods, on their port named 'metrics', or else the management port.")]
    public bool PodMonitor { get; set; }

    [Defaulted]
    [Description("A PrometheusRule with the pool's alerts, over the metrics of the operator and the API.")]
    public bool Alerts { get; set; }

    [MaxLength(16)]
    [ValueMaxLength(63)]
    [Description("Labels of both, by which a Prometheus selects what it reads.")]
    public Dictionary<string, string>? Labels { get; set; }

    internal bool IsAsked => PodMonitor || Alerts;
}
