namespace K8sQueue.Operator.Entities.Keda;

/// <summary>What KEDA says about a ScaledObject (pkg/scaling/executor/scale_scaledobjects.go, 2.20).</summary>
internal static class KedaConditions
{
    public const string Ready = "Ready";
    public const string Active = "Active";
    public const string Fallback = "Fallback";
    public const string Paused = "Paused";

    /// <summary>What the HPA says of itself; KEDA 2.20. True at zero.</summary>
    public const string HpaActive = "HPAActive";

    /// <summary>Reason of Ready=Unknown: some triggers fail while others are active.</summary>
    public const string PartialTriggerError = "PartialTriggerError";

    /// <summary>Reason of Active=False: no trigger is active, and the cooldown is over.</summary>
    public const string ScalerNotActive = "ScalerNotActive";

    /// <summary>Reason of Active=False: no trigger is active, but the cooldown still runs.</summary>
    public const string ScalerCooldown = "ScalerCooldown";
}
