using K8sQueue.Kubernetes.Client;
using K8sQueue.Operator.Entities.Prometheus;
using K8sQueue.Operator.Resources;
using K8sQueue.Operator.Resources.Pods;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>
/// Makes and keeps what a pool's <c>spec.monitoring</c> asks for, and takes away what it no longer does. The pool works without: what is in the
/// way is told by a condition of its own, which is there as long as anything is asked for or left.
/// </summary>
internal sealed class PoolMonitoring(IKubernetesClient client, ChildWriter writer, TimeProvider time)
{
    private static readonly PoolProblem NoPort = new(
        Reasons.NoMetricsPort,
        $"The pods have no port for metrics, so there is no PodMonitor: name the container port '{MetricsPort.Name}' in spec.template on which {MetricsPort.Path} "
        + "answers, or set spec.monitoring.podMonitor to false.");

    private readonly MonitoringChild<V1PodMonitor> _podMonitor = new(client, writer, time);
    private readonly MonitoringChild<V1PrometheusRule> _rule = new(client, writer, time);

    public async Task EnsureAsync(PoolPass pass, CancellationToken cancellationToken)
    {
        var asked = pass.Spec.Monitoring;
        if (!asked.IsAsked && pass.Monitored is null)
            return;
        var podMonitor = asked.PodMonitor ? PodMonitorBuilder.Build(pass.Pool) : null;
        var rule = asked.Alerts ? PrometheusRuleBuilder.Build(pass.Pool) : null;
        PoolProblem?[] problems =
        [
            asked.PodMonitor && podMonitor is null ? NoPort : null,
            await _podMonitor.EnsureAsync(pass, podMonitor, cancellationToken).ConfigureAwait(false),
            await _rule.EnsureAsync(pass, rule, cancellationToken).ConfigureAwait(false),
        ];
        pass.Monitored = MonitoredCondition.Of(asked.IsAsked, [.. problems.OfType<PoolProblem>()]);
    }
}
