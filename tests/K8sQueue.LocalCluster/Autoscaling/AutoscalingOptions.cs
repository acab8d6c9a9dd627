namespace K8sQueue.LocalCluster.Autoscaling;

/// <summary>The stand-in for KEDA and for the HorizontalPodAutoscaler's controller.</summary>
public sealed class AutoscalingOptions
{
    /// <summary>Installs KEDA's CRDs at the start. The default value is true; without them the stand-in waits until somebody applies them.</summary>
    public bool InstallKeda { get; set; } = true;

    /// <summary>The period of the HorizontalPodAutoscaler's loop. The default value is 15 s, as in Kubernetes.</summary>
    public TimeSpan HorizontalSyncPeriod { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The part by which a metric may miss its target before replicas change. The default value is 0.1, as in Kubernetes.</summary>
    public double Tolerance { get; set; } = 0.1;

    /// <summary>The deadline of one question to a metric's source. The default value is 3 s, as in KEDA.</summary>
    public TimeSpan ScalerTimeout { get; set; } = TimeSpan.FromSeconds(3);
}
