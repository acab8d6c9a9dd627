using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Autoscaling.Formulas;
using K8sQueue.LocalCluster.Autoscaling.Scalers;
using K8sQueue.LocalCluster.Autoscaling.Targets;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Autoscaling.ScaledObjects;

/// <summary>KEDA's reconciler: finalizer, label, target, HorizontalPodAutoscaler, and a scale loop a generation.</summary>
internal sealed class ScaledObjectController(
    IClusterApi api, ScaleTargets targets, ScalerFactory scalers, TriggerAuthentications authentications, ScaledObjectRegistry registry,
    AutoscalingOptions options, EventRecorder events, TimeProvider time, ILogger<ScaledObjectController> logger)
    : Controller(api, time, logger)
{
    private const string Component = "keda-operator";
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    private readonly Dictionary<ObjectKey, (string Uid, long Generation, ScaleLoop Loop)> _loops = [];
    private readonly ChangeFilter _changes = new();

    protected override IEnumerable<(GroupResource Resource, Func<ClusterEvent, IEnumerable<ObjectKey>> Keys)> Sources =>
    [
        (GroupResource.ScaledObjects, c => _changes.IsNew(c) ? Self(c) : []),
        (GroupResource.HorizontalPodAutoscalers, c => _changes.IsNew(c) ? ControllerOf(c.Object, "ScaledObject") : []),
    ];

    public override void Dispose()
    {
        foreach (var key in _loops.Keys.ToList())
            StopLoop(key);
        base.Dispose();
    }

    protected override TimeSpan? Reconcile(ObjectKey key)
    {
        if (Api.Get(GroupResource.ScaledObjects, key.Namespace, key.Name) is not { } found)
        {
            StopLoop(key);
            return null;
        }

        var value = new ScaledObject(found);
        if (found.IsDeleting())
        {
            Finish(value);
            return null;
        }

        var adopted = Api.Modify(GroupResource.ScaledObjects, key.Namespace, key.Name, Adopt);
        if (adopted is null)
            return null;
        Status(value, ScaledObjectStatus.Initialize);
        return Check(new ScaledObject(adopted));
    }

    /// <summary>KEDA's label and finalizer.</summary>
    private static bool Adopt(JsonObject value)
    {
        var changed = value.Put(value.Name(), "metadata", "labels", ScaledObject.Label);
        if (value.Finalizers().Contains(ScaledObject.Finalizer))
            return changed;
        value.SetFinalizers(value.Finalizers().Append(ScaledObject.Finalizer));
        return true;
    }

    private TimeSpan? Check(ScaledObject value)
    {
        try
        {
            var message = value.IsPaused ? Pause(value) : Run(value);
            Status(value, s => ScaledObjectStatus.Set(s, new("Ready", "True", ScaleDecision.ReadyReason, message)));
            return null;
        }
        catch (Exception e) when (e is ScaleTargetException or ScalerException or FormulaException or ClusterApiException)
        {
            var what = e is ScaleTargetException
                ? "ScaledObject doesn't have correct scaleTargetRef specification"
                : "failed to ensure HPA is correctly created for ScaledObject";
            Status(value, s => ScaledObjectStatus.Set(s, new("Ready", "False", "ScaledObjectCheckFailed", $"{what}: {e.Message}"))
                | ScaledObjectStatus.Set(s, new("Active", "Unknown", "UnknownState", "ScaledObject check failed")));
            events.Record(Component, value.Value, EventRecorder.Warning, "ScaledObjectCheckFailed", $"{what}: {e.Message}");
            return Retry;
        }
    }

    private string Pause(ScaledObject value)
    {
        const string Paused = "ScaledObject is paused";
        Status(value, s => ScaledObjectStatus.Set(s, new("Paused", "True", "ScaledObjectPaused", Paused))
            | s.Put(value.PausedReplicas is { } replicas ? JsonValue.Create(replicas) : null, "pausedReplicaCount"));
        StopLoop(value.Value.Key());
        Api.Delete(GroupResource.HorizontalPodAutoscalers, value.Namespace, StatusName(value));
        if (value.PausedReplicas is { } count && targets.Read(value.Namespace, value.Target).SpecReplicas != count)
            targets.Write(value.Namespace, value.Target, count);
        return Paused;
    }

    private string Run(ScaledObject value)
    {
        var oneWay = value.IsScaleInPaused || value.IsScaleOutPaused;
        var wasPaused = StatusConditions.IsTrue(value.Value["status"], "Paused");
        var endpoint = targets.Resolve(value.Target);
        var scale = targets.Read(value.Namespace, value.Target);
        if ((ScaledObjectRules.ReplicaCounts(value) ?? ScaledObjectRules.Triggers(value)) is { } wrong)
            throw new ScalerException(wrong);
        Status(value, s => ScaledObjectStatus.SetTarget(s, value.Target, endpoint, scale.SpecReplicas)
            | s.Put(null, "pausedReplicaCount")
            | (oneWay ? ScaledObjectStatus.Set(s, new("Paused", "True", "ScaledObjectPaused", "ScaledObject is paused"))
                : wasPaused && ScaledObjectStatus.Set(s, new("Paused", "False", "ScaledObjectUnpaused", "pause annotation removed for ScaledObject"))));

        var key = value.Value.Key();
        var isRunning = _loops.TryGetValue(key, out var loop) && loop.Uid == value.Value.Uid() && loop.Generation == value.Value.Generation();
        var metrics = new ScaledObjectMetrics(value, t => Create(value, t), targets, options, Time);
        var names = metrics.Scalers.Select(s => s.Scaler.MetricName).ToList();
        EnsureAutoscaler(value, HorizontalBuilder.Build(value, metrics.Scalers));
        Status(value, s => ScaledObjectStatus.SetTriggers(s, value, names) | s.Put(value.HorizontalName, "hpaName"));
        if (isRunning)
        {
            metrics.Dispose();
            return ScaleDecision.ReadyMessage;
        }

        StopLoop(key);
        registry.Put(key, metrics);
        _loops[key] = (value.Value.Uid(), value.Value.Generation(), new ScaleLoop(Api, value, metrics, targets, events, Time, logger));
        events.Record(Component, value.Value, EventRecorder.Normal, "KEDAScalersStarted", "Started scalers watch");
        return ScaleDecision.ReadyMessage;
    }

    private IScaler Create(ScaledObject value, Trigger trigger) => scalers.Create(
        new TriggerSettings(trigger.Index, trigger.Type, trigger.Metadata, authentications.Resolve(value.Namespace, trigger))
        {
            ScaledObject = value.Value.Key(),
        });

    private void EnsureAutoscaler(ScaledObject value, JsonObject wanted)
    {
        if (StatusName(value) != value.HorizontalName)
            Api.Delete(GroupResource.HorizontalPodAutoscalers, value.Namespace, StatusName(value));
        if (Api.Get(GroupResource.HorizontalPodAutoscalers, value.Namespace, value.HorizontalName) is null)
        {
            Api.Create(GroupResource.HorizontalPodAutoscalers, wanted);
            return;
        }

        Api.Modify(GroupResource.HorizontalPodAutoscalers, value.Namespace, value.HorizontalName, h =>
            h.Put(wanted["spec"], "spec")
            | h.Put(wanted.At("metadata", "labels"), "metadata", "labels")
            | h.Put(wanted.At("metadata", "annotations"), "metadata", "annotations")
            | h.Put(wanted.At("metadata", "ownerReferences"), "metadata", "ownerReferences"));
    }

    /// <summary>The finalizer's work; the HorizontalPodAutoscaler goes with its owner.</summary>
    private void Finish(ScaledObject value)
    {
        StopLoop(value.Value.Key());
        if (!value.Value.Finalizers().Contains(ScaledObject.Finalizer))
            return;
        if (value.RestoresOriginalReplicas && value.Value.IntegerAt("status", "originalReplicaCount") is { } original)
        {
            try
            {
                targets.Write(value.Namespace, value.Target, original);
            }
            catch (ScaleTargetException e)
            {
                events.Record(Component, value.Value, EventRecorder.Warning, "ScaledObjectUpdateFailed", e.Message);
            }
        }

        Api.Delete(GroupResource.HorizontalPodAutoscalers, value.Namespace, StatusName(value));
        Api.Modify(GroupResource.ScaledObjects, value.Namespace, value.Name, v =>
        {
            v.SetFinalizers(v.Finalizers().Where(f => f != ScaledObject.Finalizer));
            return true;
        });
    }

    private static string StatusName(ScaledObject value) => value.Value.TextAt("status", "hpaName") is { Length: > 0 } name ? name : value.HorizontalName;

    private void StopLoop(ObjectKey key)
    {
        registry.Remove(key);
        if (_loops.Remove(key, out var running))
            running.Loop.Dispose();
    }

    private void Status(ScaledObject value, Func<JsonObject, bool> change) =>
        Api.Modify(GroupResource.ScaledObjects, value.Namespace, value.Name, v => v.Uid() == value.Value.Uid() && change(v.Need("status")), "status");
}
