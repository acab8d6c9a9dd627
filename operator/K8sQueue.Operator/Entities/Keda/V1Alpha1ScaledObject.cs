using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Caching;

namespace K8sQueue.Operator.Entities.Keda;

/// <summary>KEDA's keda.sh/v1alpha1 ScaledObject, as far as it is written and read here.</summary>
[KubernetesEntity(Group = "keda.sh", ApiVersion = "v1alpha1", Kind = "ScaledObject", PluralName = "scaledobjects")]
public sealed class V1Alpha1ScaledObject : CustomKubernetesEntity<ScaledObjectSpec, ScaledObjectStatus>, ISpecDigest
{
    UInt128? ISpecDigest.SpecDigest { get; set; }
}

public sealed class ScaledObjectSpec
{
    public ScaleTargetReference ScaleTargetRef { get; set; } = new();

    public int PollingInterval { get; set; }

    public int CooldownPeriod { get; set; }

    public int InitialCooldownPeriod { get; set; }

    public int MinReplicaCount { get; set; }

    public int MaxReplicaCount { get; set; }

    public ScaledObjectFallback? Fallback { get; set; }

    public ScaledObjectAdvanced? Advanced { get; set; }

    public List<ScaledObjectTrigger> Triggers { get; set; } = [];
}

public sealed class ScaleTargetReference
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public string Name { get; set; } = "";
}

public sealed class ScaledObjectFallback
{
    public int FailureThreshold { get; set; }

    public int Replicas { get; set; }

    public string? Behavior { get; set; }
}

public sealed class ScaledObjectAdvanced
{
    public bool RestoreToOriginalReplicaCount { get; set; }

    public HorizontalPodAutoscalerConfig? HorizontalPodAutoscalerConfig { get; set; }

    public ScalingModifiers? ScalingModifiers { get; set; }
}

public sealed class HorizontalPodAutoscalerConfig
{
    public HorizontalPodAutoscalerBehavior? Behavior { get; set; }
}

/// <summary>autoscaling/v2 HorizontalPodAutoscalerBehavior.</summary>
public sealed class HorizontalPodAutoscalerBehavior
{
    public ScalingRules? ScaleDown { get; set; }

    public ScalingRules? ScaleUp { get; set; }
}

public sealed class ScalingRules
{
    public int? StabilizationWindowSeconds { get; set; }

    public string? SelectPolicy { get; set; }

    public List<ScalingPolicy>? Policies { get; set; }
}

public sealed class ScalingPolicy
{
    public string Type { get; set; } = "";

    public int Value { get; set; }

    public int PeriodSeconds { get; set; }
}

public sealed class ScalingModifiers
{
    public string Formula { get; set; } = "";

    public string Target { get; set; } = "";

    public string? ActivationTarget { get; set; }

    public string? MetricType { get; set; }
}

public sealed class ScaledObjectTrigger
{
    public string Type { get; set; } = "";

    public string? Name { get; set; }

    public string? MetricType { get; set; }

    public Dictionary<string, string> Metadata { get; set; } = [];

    public KedaAuthenticationReference? AuthenticationRef { get; set; }
}

public sealed class ScaledObjectStatus
{
    public List<V1Condition>? Conditions { get; set; }
}
