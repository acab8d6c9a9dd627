using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Autoscaling.ScaledObjects;
using K8sQueue.LocalCluster.Autoscaling.Scalers;
using K8sQueue.LocalCluster.Autoscaling.Targets;
using K8sQueue.LocalCluster.Controllers.ReplicaSets;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Autoscaling.Horizontal;

/// <summary>The loop of HorizontalPodAutoscalers, for External metrics that a ScaledObject serves.</summary>
internal sealed partial class HorizontalController(
    IClusterApi api, ScaleTargets targets, ScaledObjectRegistry registry, AutoscalingOptions options, EventRecorder events, TimeProvider time,
    ILogger<HorizontalController> logger) : BackgroundService
{
    private const string Component = "horizontal-pod-autoscaler";
    private readonly Dictionary<string, HorizontalHistory> _histories = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.HorizontalSyncPeriod, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                var autoscalers = api.List(GroupResource.HorizontalPodAutoscalers).Where(a => !a.IsDeleting()).ToList();
                foreach (var gone in _histories.Keys.Except(autoscalers.Select(a => a.Uid())).ToList())
                    _histories.Remove(gone);
                foreach (var autoscaler in autoscalers)
                    _histories.TryAdd(autoscaler.Uid(), new());
                await Task.WhenAll(autoscalers.Select(a => SyncAsync(a, _histories[a.Uid()], stoppingToken))).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end.
        }
    }

    private async Task SyncAsync(JsonObject autoscaler, HorizontalHistory history, CancellationToken cancellationToken)
    {
        var status = autoscaler.MapAt("status")?.Copy() ?? [];
        try
        {
            await SyncAsync(autoscaler, status, history, cancellationToken).ConfigureAwait(false);
        }
        catch (ScaleTargetException e)
        {
            Condition(status, "AbleToScale", "False", "FailedGetScale", $"the HPA controller was unable to get the target's current scale: {e.Message}");
            Tell(autoscaler, EventRecorder.Warning, "FailedGetScale", e.Message);
        }
        catch (ScalerException e)
        {
            Condition(status, "ScalingActive", "False", "FailedGetExternalMetric", $"the HPA was unable to compute the replica count: {e.Message}");
            Tell(autoscaler, EventRecorder.Warning, "FailedGetExternalMetric", e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // One that fails keeps no other from its turn.
            Log.Failed(logger, e, autoscaler.Key());
        }

        try
        {
            status.Put(autoscaler.Generation() is > 0 and var generation ? generation : null, "observedGeneration");
            api.Modify(
                GroupResource.HorizontalPodAutoscalers, autoscaler.Namespace(), autoscaler.Name(),
                a => a.Uid() == autoscaler.Uid() && a.Put(status, "status"), "status");
        }
        catch (ClusterApiException e)
        {
            Log.StatusRefused(logger, autoscaler.Key(), e.Message);
        }
    }

    private async Task SyncAsync(JsonObject autoscaler, JsonObject status, HorizontalHistory history, CancellationToken cancellationToken)
    {
        var @namespace = autoscaler.Namespace() ?? "default";
        var target = ScaleTargetReference.Of(autoscaler.MapAt("spec", "scaleTargetRef"));
        var scale = targets.Read(@namespace, target);
        var now = time.GetUtcNow();
        Condition(status, "AbleToScale", "True", "SucceededGetScale", "the HPA controller was able to get the target's current scale");
        history.Begin(scale.SpecReplicas, now);
        status["currentReplicas"] = scale.SpecReplicas;
        var (minimum, maximum) = (autoscaler.IntegerAt("spec", "minReplicas") ?? 1, autoscaler.IntegerAt("spec", "maxReplicas") ?? 1);
        int desired;
        var reason = "";
        if (scale.SpecReplicas == 0 && minimum != 0)
        {
            Condition(status, "ScalingActive", "False", "ScalingDisabled", "scaling is disabled since the replica count of the target is zero");
            status["desiredReplicas"] = 0;
            return;
        }

        if (scale.SpecReplicas > maximum)
        {
            (desired, reason) = (maximum, "Current number of replicas above Spec.MaxReplicas");
        }
        else if (scale.SpecReplicas < minimum)
        {
            (desired, reason) = (minimum, "Current number of replicas below Spec.MinReplicas");
        }
        else
        {
            var recommended = await RecommendAsync(autoscaler, status, scale, cancellationToken).ConfigureAwait(false);
            reason = recommended > scale.SpecReplicas ? "external metric above target" : "All metrics below target";
            desired = Normalize(autoscaler, status, history, minimum, maximum, scale.SpecReplicas, recommended, now);
        }

        status["desiredReplicas"] = desired;
        if (desired == scale.SpecReplicas)
            return;
        targets.Write(@namespace, target, desired);
        history.Changed(desired - scale.SpecReplicas, now);
        status["lastScaleTime"] = now.ToTimestamp();
        Condition(status, "AbleToScale", "True", "SucceededRescale", $"the HPA controller was able to update the target scale to {desired}");
        Tell(autoscaler, EventRecorder.Normal, "SuccessfulRescale", $"New size: {desired}; reason: {reason}");
    }

    private int Normalize(
        JsonObject autoscaler, JsonObject status, HorizontalHistory history, int minimum, int maximum, int current, int recommended, DateTimeOffset now)
    {
        var behavior = autoscaler.MapAt("spec", "behavior");
        var normalized = HorizontalMath.Normalize(
            history, ScalingRules.Up(behavior), ScalingRules.Down(behavior), behavior is not null, minimum, maximum, current, recommended, now);
        Condition(status, "AbleToScale", "True", normalized.AbleReason, normalized.AbleMessage);
        Condition(status, "ScalingLimited", normalized.IsLimited ? "True" : "False", normalized.LimitReason, normalized.LimitMessage);
        return normalized.Replicas;
    }

    /// <summary>The highest of what the metrics ask for; some may fail as long as the rest does not ask for less than there is.</summary>
    private async Task<int> RecommendAsync(JsonObject autoscaler, JsonObject status, Scale scale, CancellationToken cancellationToken)
    {
        var current = new JsonArray();
        var highest = -1;
        ScalerException? failure = null;
        foreach (var metric in autoscaler.ObjectsAt("spec", "metrics"))
        {
            try
            {
                highest = Math.Max(highest, await RecommendAsync(autoscaler, metric, current, scale, cancellationToken).ConfigureAwait(false));
            }
            catch (ScalerException e)
            {
                failure ??= e;
            }
        }

        if (failure is not null && highest < scale.SpecReplicas)
            throw failure;
        if (highest < 0)
            throw new ScalerException("there is no metric");
        status["currentMetrics"] = current;
        Condition(status, "ScalingActive", "True", "ValidMetricFound", "the HPA was able to successfully calculate a replica count from external metric");
        return highest;
    }

    private async Task<int> RecommendAsync(
        JsonObject autoscaler, JsonObject metric, JsonArray current, Scale scale, CancellationToken cancellationToken)
    {
        var external = metric.MapAt("external");
        if (external.TextAt("metric", "selector", "matchLabels", ScaledObject.Label) is not { } owner)
            throw new ScalerException($"metrics of type {metric.TextAt("type")} are not supported by LocalCluster, except those of a ScaledObject");
        var name = external.TextAt("metric", "name") ?? "";
        var total = await registry.ReadAsync(new(autoscaler.Namespace(), owner), name, cancellationToken).ConfigureAwait(false);
        if (Quantities.Parse(external.At("target", "averageValue")) is { } average)
        {
            current.Add(Current(external, "averageValue", total / Math.Max(1, scale.StatusReplicas)));
            return HorizontalMath.ByAverage(total, average, scale.StatusReplicas, options.Tolerance);
        }

        var value = Quantities.Parse(external.At("target", "value")) ?? throw new ScalerException("neither a value target nor an average value target was set");
        current.Add(Current(external, "value", total));
        var ready = api.List(GroupResource.Pods, autoscaler.Namespace(), scale.Selector).Count(PodState.IsReady);
        return HorizontalMath.ByValue(total, value, scale.SpecReplicas, ready, options.Tolerance);
    }

    private static JsonObject Current(JsonObject? external, string field, double value) => new()
    {
        ["type"] = "External",
        ["external"] = new JsonObject
        {
            ["metric"] = external.At("metric")?.DeepClone(),
            ["current"] = new JsonObject { [field] = HorizontalBuilder.Quantity(value) },
        },
    };

    private void Condition(JsonObject status, string type, string value, string reason, string message) =>
        StatusConditions.Set(status, type, value, reason, message, time.GetUtcNow());

    private void Tell(JsonObject autoscaler, string type, string reason, string message) => events.Record(Component, autoscaler, type, reason, message);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The status of the HorizontalPodAutoscaler {Key} was refused: {Error}")]
        public static partial void StatusRefused(ILogger logger, ObjectKey key, string error);

        [LoggerMessage(2, LogLevel.Error, "The HorizontalPodAutoscaler {Key} can't be worked out")]
        public static partial void Failed(ILogger logger, Exception exception, ObjectKey key);
    }
}
