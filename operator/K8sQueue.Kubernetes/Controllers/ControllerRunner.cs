using System.Diagnostics;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Telemetry;
using K8sQueue.Kubernetes.WorkQueues;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace K8sQueue.Kubernetes.Controllers;

/// <summary>A controller, whatever its kind.</summary>
internal interface IControllerRunner
{
    /// <summary>Reconciles until <paramref name="stop"/>; then takes no more keys and waits for those that run.</summary>
    /// <param name="abort">Cancels those that run.</param>
    Task RunAsync(CancellationToken stop, CancellationToken abort);
}

/// <summary>Feeds a work queue from informers, and its workers from the queue.</summary>
internal sealed partial class ControllerRunner<TEntity> : IControllerRunner
    where TEntity : class, IKubernetesObject
{
    // As often as a namespace that refuses is asked again.
    private static readonly TimeSpan UntilSynced = TimeSpan.FromSeconds(10);

    private readonly string _name = ResourceType<TEntity>.Kind.ToLowerInvariant();
    private readonly ControllerBuilder<TEntity> _settings;
    private readonly EntityReconciler<TEntity> _reconciler;
    private readonly IServiceProvider _services;
    private readonly ResourceInformer<TEntity> _informer;
    private readonly ControllerMetrics _metrics;
    private readonly WorkQueueMetrics _queueMetrics;
    private readonly OperatorStatus _status;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public ControllerRunner(ControllerBuilder<TEntity> settings, EntityReconciler<TEntity> reconciler, IServiceProvider services)
    {
        _settings = settings;
        _reconciler = reconciler;
        _services = services;
        _informer = services.GetRequiredService<ResourceInformer<TEntity>>();
        _metrics = services.GetRequiredService<ControllerMetrics>();
        _queueMetrics = services.GetRequiredService<WorkQueueMetrics>();
        _status = services.GetRequiredService<OperatorStatus>();
        _time = services.GetRequiredService<TimeProvider>();
        _logger = services.GetRequiredService<ILoggerFactory>().CreateLogger($"K8sQueue.Kubernetes.Controllers.{ResourceType<TEntity>.Kind}");
    }

    public async Task RunAsync(CancellationToken stop, CancellationToken abort)
    {
        using var queue = new WorkQueue<NamespacedName>(_name, _settings.RateLimiter, _queueMetrics, _time);
        _metrics.Start(_name, _settings.Workers);
        _informer.Subscribe(change => OnChange(queue, change));
        var trigger = new ControllerBuilder<TEntity>.Trigger(queue.Add, () => AddAll(queue));
        foreach (var source in _settings.Sources)
            source(_services, trigger);
        var resync = ResyncAsync(queue, stop);
        await Task.WhenAll(Enumerable.Range(0, _settings.Workers).Select(_ => WorkAsync(queue, stop, abort))).ConfigureAwait(false);
        await resync.ConfigureAwait(false);
        _metrics.End(_name, _settings.Workers);
    }

    private void OnChange(WorkQueue<NamespacedName> queue, ResourceChange<TEntity> change)
    {
        if (change.New is null)
            _reconciler.Deleted(change.Old!);
        if (change is not { Old: { } before, New: { } after } || IsWorthReconciling(before, after))
            queue.Add(change.Latest.Key());
    }

    private bool IsWorthReconciling(TEntity before, TEntity after)
    {
        try
        {
            return _settings.ChangeFilter?.Invoke(before, after) != false;
        }
        catch (Exception e)
        {
            // Better once too often than a change that nobody ever sees.
            Log.FilterFailed(_logger, e, ResourceType<TEntity>.Kind, after.Key());
            return true;
        }
    }

    private void AddAll(WorkQueue<NamespacedName> queue)
    {
        foreach (var entity in _informer.Store.List())
            queue.Add(entity.Key());
    }

    private async Task ResyncAsync(WorkQueue<NamespacedName> queue, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(_settings.Resync * (0.9 + (0.2 * Random.Shared.NextDouble())), _time, stop).ConfigureAwait(false);
                AddAll(queue);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The end.
        }
    }

    private async Task WorkAsync(WorkQueue<NamespacedName> queue, CancellationToken stop, CancellationToken abort)
    {
        // Not on the thread of whoever adds a key.
        await Task.Yield();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (await queue.TakeAsync(stop).ConfigureAwait(false) is not (true, var key))
                    return;
                await ProcessAsync(queue, key, abort).ConfigureAwait(false);
                queue.Done(key);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task ProcessAsync(WorkQueue<NamespacedName> queue, NamespacedName key, CancellationToken abort)
    {
        if (!_status.HasSyncedIn(key.Namespace))
        {
            // A part of what is there is worse than nothing: pods that are not seen are not there.
            queue.Forget(key);
            queue.AddAfter(key, UntilSynced);
            return;
        }

        var started = _time.GetTimestamp();
        var outcome = ControllerMetrics.Results.Error;
        using var activity = KubernetesTracing.StartReconciliation<TEntity>(key);
        _metrics.Started(_name);
        try
        {
            outcome = Settle(queue, key, await _reconciler.ReconcileAsync(key, abort).ConfigureAwait(false), activity);
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            Log.Aborted(_logger, ResourceType<TEntity>.Kind, key);
        }
        catch (KubernetesApiException e) when (e.IsConflict)
        {
            // Somebody else wrote first, or our copy was old: not worth a stack trace.
            Log.Conflict(_logger, ResourceType<TEntity>.Kind, key, e.Message);
            KubernetesTracing.Failed(activity, e);
            queue.AddRateLimited(key);
        }
        catch (TerminalReconciliationException e)
        {
            KubernetesTracing.Failed(activity, e);
            GiveUp(queue, key, e, e.Message);
        }
        catch (Exception e)
        {
            if (e is not KubernetesApiException)
                _metrics.Panicked(_name);
            Log.Failed(_logger, e, ResourceType<TEntity>.Kind, key, e.Message);
            KubernetesTracing.Failed(activity, e);
            queue.AddRateLimited(key);
        }
        finally
        {
            activity?.SetTag("k8squeue.reconcile.result", outcome);
            _metrics.Ended(_name, outcome, _time.GetElapsedTime(started));
        }
    }

    private void GiveUp(WorkQueue<NamespacedName> queue, NamespacedName key, Exception exception, string? reason)
    {
        Log.GaveUp(_logger, exception, ResourceType<TEntity>.Kind, key, reason);
        _metrics.Terminal(_name);
        queue.Forget(key);
    }

    private string Settle(WorkQueue<NamespacedName> queue, NamespacedName key, ReconciliationResult<TEntity>? result, Activity? activity)
    {
        if (result is { IsSuccess: false })
        {
            KubernetesTracing.Failed(activity, result.Exception, result.ErrorMessage);
            if (result.Exception is TerminalReconciliationException)
            {
                GiveUp(queue, key, result.Exception, result.ErrorMessage);
                return ControllerMetrics.Results.Error;
            }

            Log.Failed(_logger, result.Exception, ResourceType<TEntity>.Kind, key, result.ErrorMessage);
            if (result.RequeueAfter is { } later)
                queue.AddAfter(key, later);
            else
                queue.AddRateLimited(key);
            return ControllerMetrics.Results.Error;
        }

        queue.Forget(key);
        if (result?.RequeueAfter is not { } after)
            return ControllerMetrics.Results.Success;
        queue.AddAfter(key, after);
        return ControllerMetrics.Results.RequeueAfter;
    }

    private static partial class Log
    {
        [LoggerMessage(4, LogLevel.Error, "Reconciling {Kind} {Key} failed, and is not tried again before something changes: {Reason}")]
        public static partial void GaveUp(ILogger logger, Exception exception, string kind, NamespacedName key, string? reason);

        [LoggerMessage(5, LogLevel.Error, "The filter of changes of {Kind} {Key} failed; the change is taken as one that matters.")]
        public static partial void FilterFailed(ILogger logger, Exception exception, string kind, NamespacedName key);

        [LoggerMessage(1, LogLevel.Error, "Reconciling {Kind} {Key} failed; it is tried again: {Reason}")]
        public static partial void Failed(ILogger logger, Exception? exception, string kind, NamespacedName key, string? reason);

        [LoggerMessage(2, LogLevel.Information, "Reconciling {Kind} {Key} met a conflict; it is tried again: {Reason}")]
        public static partial void Conflict(ILogger logger, string kind, NamespacedName key, string reason);

        [LoggerMessage(3, LogLevel.Warning, "Reconciling {Kind} {Key} did not end in time for the stop and was cancelled.")]
        public static partial void Aborted(ILogger logger, string kind, NamespacedName key);
    }
}
