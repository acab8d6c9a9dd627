using System.Diagnostics.Metrics;

namespace K8sQueue.Kubernetes.Controllers;

/// <summary>Reconciliations, under the names that controller-runtime gives them; told apart by the tag <c>controller</c>.</summary>
public sealed class ControllerMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "K8sQueue.Kubernetes.Controllers";

    private readonly Counter<long> _total;
    private readonly Counter<long> _errors;
    private readonly Counter<long> _terminal;
    private readonly Counter<long> _panics;
    private readonly Histogram<double> _time;
    private readonly UpDownCounter<long> _workers;
    private readonly UpDownCounter<long> _active;

    public ControllerMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(MeterName);
        _total = meter.CreateCounter<long>(
            "controller_runtime_reconcile_total", description: "Reconciliations, by result: success, error, requeue_after.");
        _errors = meter.CreateCounter<long>("controller_runtime_reconcile_errors_total", description: "Reconciliations that failed.");
        _terminal = meter.CreateCounter<long>(
            "controller_runtime_terminal_reconcile_errors_total", description: "Reconciliations that failed and are not tried again.");
        _panics = meter.CreateCounter<long>(
            "controller_runtime_reconcile_panics_total", description: "Reconciliations that ended with an exception that nobody foresaw.");
        _workers = meter.CreateUpDownCounter<long>(
            "controller_runtime_max_concurrent_reconciles", description: "Reconciliations that may run at the same time.");
        _active = meter.CreateUpDownCounter<long>("controller_runtime_active_workers", description: "Reconciliations that run.");
        _time = meter.CreateHistogram(
            "controller_runtime_reconcile_time_seconds",
            "s",
            "How long a reconciliation took.",
            tags: null,
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries =
                [
                    0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2,
                    2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
                ],
            });
    }

    /// <summary>The controller's series begin, at zero: a rate over a first failure needs what was before it.</summary>
    internal void Start(string controller, int workers)
    {
        foreach (var result in new[] { Results.Success, Results.Error, Results.RequeueAfter })
            _total.Add(0, Controller(controller), new KeyValuePair<string, object?>("result", result));
        foreach (var counter in new[] { _errors, _terminal, _panics })
            counter.Add(0, Controller(controller));
        _active.Add(0, Controller(controller));
        _workers.Add(workers, Controller(controller));
    }

    internal void End(string controller, int workers) => _workers.Add(-workers, Controller(controller));

    internal void Terminal(string controller) => _terminal.Add(1, Controller(controller));

    internal void Panicked(string controller) => _panics.Add(1, Controller(controller));

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
