using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Autoscaling.Scalers.External;
using K8sQueue.LocalCluster.Autoscaling.Targets;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Autoscaling.ScaledObjects;

/// <summary>Polls the triggers of one ScaledObject in one generation, and takes its target from zero and back to it.</summary>
internal sealed partial class ScaleLoop : IDisposable
{
    private const string Component = "keda-operator";

    private readonly IClusterApi _api;
    private readonly ObjectKey _key;
    private readonly ScaledObjectMetrics _metrics;
    private readonly ScaleTargets _targets;
    private readonly EventRecorder _events;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _scaling = new();

    public ScaleLoop(
        IClusterApi api, ScaledObject value, ScaledObjectMetrics metrics, ScaleTargets targets, EventRecorder events, TimeProvider time, ILogger logger)
    {
        (_api, _key, _metrics, _targets, _events, _time, _logger) = (api, value.Value.Key(), metrics, targets, events, time, logger);
        var stop = _stop.Token;
        _ = Task.Run(() => RunAsync(value.PollingInterval, stop), CancellationToken.None);
        foreach (var scaler in metrics.CreatePushScalers())
            _ = Task.Run(() => ListenAsync(scaler, stop), CancellationToken.None);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task RunAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, _time);
        try
        {
            do
            {
                await PollAsync(cancellationToken).ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // A new generation, or the end.
        }
        finally
        {
            _metrics.Dispose();
        }
    }

    private async Task ListenAsync(IPushScaler scaler, CancellationToken cancellationToken)
    {
        using (scaler)
        {
            try
            {
                await scaler.RunAsync(() => Activate(scaler.MetricName), cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // A new generation, or the end.
            }
            catch (Exception e)
            {
                Log.ListenFailed(_logger, _key, e);
            }
        }
    }

    /// <summary>A push scaler's word counts at once, whatever the other triggers say. (Its word that nothing is active does not count at all.)</summary>
    private void Activate(string metric)
    {
        if (_api.Get(GroupResource.ScaledObjects, _key.Namespace, _key.Name) is { } found && !found.IsDeleting())
            Apply(new ScaledObject(found), new ScaledObjectState(true, [], [metric], new Dictionary<string, bool>()));
    }

    private async Task PollAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_api.Get(GroupResource.ScaledObjects, _key.Namespace, _key.Name) is not { } found || found.IsDeleting())
                return;
            var state = await _metrics.StateAsync(cancellationToken).ConfigureAwait(false);
            var value = new ScaledObject(found);
            foreach (var error in state.Errors)
                Tell(value, EventRecorder.Warning, value.Modifiers is null ? "KEDAScalerFailed" : "KEDAMetricSourceFailed", error);
            Apply(value, state);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.PollFailed(_logger, _key, e);
        }
    }

    private void Apply(ScaledObject value, ScaledObjectState state)
    {
        using var scaling = _scaling.EnterScope();
        ScaleDecision decision;
        var isUsed = false;
        try
        {
            var now = _time.GetUtcNow();
            decision = ScaleDecision.For(value, _targets.Read(value.Namespace, value.Target).SpecReplicas, state.IsActive, state.IsError, now);
            isUsed = Act(value, decision, state) && decision.IsUsed;
        }
        catch (ScaleTargetException e)
        {
            decision = new(
                [new("Ready", "False", "ErrorGettingCurrentReplicas", $"Error getting current replicas count for ScaleTarget: {e.Message}")], ScaleAction.None, 0, false);
        }

        _api.Modify(GroupResource.ScaledObjects, _key.Namespace, _key.Name, v => v.Uid() == value.Value.Uid() && Write(v.Need("status"), value, decision, state, isUsed), "status");
    }

    private bool Write(JsonObject status, ScaledObject value, ScaleDecision decision, ScaledObjectState state, bool isUsed)
    {
        var changed = (state.Activity.Count > 0 && ScaledObjectStatus.SetActivity(status, state.Activity)) | ScaledObjectStatus.SetHealth(status, value, _metrics.Failures);
        foreach (var condition in decision.Conditions)
            changed |= ScaledObjectStatus.Set(status, condition);
        return isUsed ? status.Put(_time.GetUtcNow().ToTimestamp(), "lastActiveTime") | changed : changed;
    }

    /// <summary>Scales, if that is what was decided; false where it failed.</summary>
    private bool Act(ScaledObject value, ScaleDecision decision, ScaledObjectState state)
    {
        if (decision.Action == ScaleAction.None)
            return true;
        var kind = $"{value.Target.GroupVersionKind} {value.Namespace}/{value.Target.Name}";
        try
        {
            var before = _targets.Write(value.Namespace, value.Target, decision.Replicas);
            if (decision.Action == ScaleAction.Activate)
                Tell(value, EventRecorder.Normal, "KEDAScaleTargetActivated", $"Scaled {kind} from {before} to {decision.Replicas}, triggered by {string.Join(';', state.ActiveTriggers)}");
            else if (decision.Action == ScaleAction.Deactivate)
                Tell(value, EventRecorder.Normal, "KEDAScaleTargetDeactivated", $"Deactivated {kind} from {before} to {decision.Replicas}");
            return true;
        }
        catch (ScaleTargetException e)
        {
            var reason = decision.Action == ScaleAction.Activate ? "KEDAScaleTargetActivationFailed" : "KEDAScaleTargetDeactivationFailed";
            Tell(value, EventRecorder.Warning, reason, $"Failed to scale {kind} to {decision.Replicas}: {e.Message}");
            return false;
        }
    }

    private void Tell(ScaledObject value, string type, string reason, string message) => _events.Record(Component, value.Value, type, reason, message);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The ScaledObject {Key} could not be polled.")]
        public static partial void PollFailed(ILogger logger, ObjectKey key, Exception exception);

        [LoggerMessage(2, LogLevel.Warning, "The push scaler of the ScaledObject {Key} ended.")]
        public static partial void ListenFailed(ILogger logger, ObjectKey key, Exception exception);
    }
}
