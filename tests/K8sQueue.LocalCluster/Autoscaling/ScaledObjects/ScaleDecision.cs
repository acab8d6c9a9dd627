namespace K8sQueue.LocalCluster.Autoscaling.ScaledObjects;

/// <summary>A condition as KEDA writes it: without a time.</summary>
internal sealed record KedaCondition(string Type, string Status, string Reason, string Message);

internal enum ScaleAction
{
    None,
    Activate,
    Deactivate,
    RaiseToMinimum,
}

/// <summary>What one poll of a ScaledObject comes to.</summary>
/// <param name="Replicas">What the target is set to, unless the action is None.</param>
/// <param name="IsUsed">The last active time becomes now (after an activation, if that succeeds).</param>
internal sealed record ScaleDecision(IReadOnlyList<KedaCondition> Conditions, ScaleAction Action, int Replicas, bool IsUsed)
{
    public const string ReadyReason = "ScaledObjectReady";
    public const string ReadyMessage = "ScaledObject is defined correctly and is ready for scaling";
    private const string Inactive = "Scaling is not performed because triggers are not active";

    private static readonly KedaCondition Ready = new("Ready", "True", ReadyReason, ReadyMessage);
    private static readonly KedaCondition NotActive = new("Active", "False", "ScalerNotActive", Inactive);
    private static readonly KedaCondition CoolingDown = new("Active", "False", "ScalerCooldown", "Scaler cooling down because triggers are not active");

    /// <summary>RequestScale of KEDA's pkg/scaling/executor, 2.20.</summary>
    /// <param name="current">spec.replicas of the target.</param>
    public static ScaleDecision For(ScaledObject value, int current, bool active, bool error, DateTimeOffset now)
    {
        if (value.IsPaused)
            return new([Ready, new("Paused", "True", "ScaledObjectPaused", "ScaledObject is paused")], ScaleAction.None, current, false);
        return active || value.IsActivationForced ? Active(value, current, error) : Idle(value, current, error, now);
    }

    private static ScaleDecision Active(ScaledObject value, int current, bool error)
    {
        var condition = new KedaCondition("Active", "True", "ScalerActive", value.IsActivationForced
            ? "Scaling is performed because activation is being forced by annotation"
            : "Scaling is performed because triggers are active");
        if (value.Idle is not null && current < value.Minimum || current == 0)
        {
            return value.IsScaleOutPaused
                ? new([Ready, condition], ScaleAction.None, current, false)
                : new([Ready, condition], ScaleAction.Activate, value.HorizontalMinimum, true);
        }

        return error
            ? new([new("Ready", "Unknown", "PartialTriggerError", "Some triggers defined in ScaledObject are not working correctly"), condition], ScaleAction.None, current, false)
            : new([Ready, condition], ScaleAction.None, current, true);
    }

    private static ScaleDecision Idle(ScaledObject value, int current, bool error, DateTimeOffset now)
    {
        if (error && value.Fallback is { Replicas: not 0 })
            return new([Ready, NotActive], ScaleAction.None, current, false);
        if (error && value.Fallback is null)
            return new([new("Ready", "False", "TriggerError", "Triggers defined in ScaledObject are not working correctly"), NotActive], ScaleAction.None, current, false);
        if (value.Idle is { } idle && current > idle || current > 0 && value.Minimum == 0)
            return ToZeroOrIdle(value, current, now);
        return value.Idle is null && current < value.Minimum
            ? new([Ready, NotActive], ScaleAction.RaiseToMinimum, value.Minimum, false)
            : new([Ready, NotActive], ScaleAction.None, current, false);
    }

    /// <summary>A target that was never active only waits for the initial cooldown: somebody else scaled it.</summary>
    private static ScaleDecision ToZeroOrIdle(ScaledObject value, int current, DateTimeOffset now)
    {
        if (value.IsScaleInPaused)
            return new([Ready, NotActive], ScaleAction.None, current, false);
        var until = value.LastActive is { } last ? last + value.Cooldown : value.Created + value.InitialCooldown;
        return until < now
            ? new([Ready, NotActive], ScaleAction.Deactivate, value.Idle ?? value.Minimum, false)
            : new([Ready, CoolingDown], ScaleAction.None, current, false);
    }
}
