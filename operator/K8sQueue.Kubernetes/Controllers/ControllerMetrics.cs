using System.Diagnostics.Metrics;

namespace K8sQueue.Kubernetes.Controllers;

/// <summary>Reconciliations, under the names that controller-runtime gives them; told apart by the tag <c>controller</c>.</summary>
public sealed class ControllerMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "K8sQueue.Kubernetes.Controllers";

    private readonly Counter<long> _total;
    private readonly Counter<long> _errors;
    private readonly Histogram<double> _time;
    private readonly UpDownCounter<long> _active;

    public ControllerMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(MeterName);
        _total = meter.CreateCounter<long>(
            "controller_runtime_reconcile_total", description: "Reconciliations, by result: success, error, requeue_after.");
        _errors = meter.CreateCounter<long>("controller_runtime_reconcile_errors_total", description: "Reconciliations that failed.");
        _active = meter.CreateUpDownCounter<long>("controller_runtime_active_workers", description: "Reconciliations that run.");
        _time = meter.CreateHistogram(
            "controller_runtime_reconcile_time_seconds",
            "s",
            "How long a reconciliation took.",
            tags: null,
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
            });
    }

    internal void Started(string controller) => _active.Add(1, Controller(controller));

    internal void Ended(string controller, string result, TimeSpan duration)
    {
        _active.Add(-1, Controller(controller));
        _time.Record(duration.TotalSeconds, Controller(controller));
        _total.Add(1, Controller(controller), new KeyValuePair<string, object?>("result", result));
        if (result == Results.Error)
            _errors.Add(1, Controller(controller));
    }

    private static KeyValuePair<string, object?> Controller(string name) => new("controller", name);

    internal static class Results
    {
        public const string Success = "success";
        public const string Error = "error";
        public const string RequeueAfter = "requeue_after";
    }
}
