using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Entities.Keda;

/// <summary>KEDA's keda.sh/v1alpha1 TriggerAuthentication, as far as it is written and read here.</summary>
[KubernetesEntity(Group = "keda.sh", ApiVersion = "v1alpha1", Kind = "TriggerAuthentication", PluralName = "triggerauthentications")]
public sealed class V1Alpha1TriggerAuthentication : KubernetesObject
{
    public TriggerAuthenticationSpec Spec { get; set; } = new();
}

public sealed class TriggerAuthenticationSpec
{
    public List<SecretTargetReference>? SecretTargetRef { get; set; }

    public TriggerPodIdentity? PodIdentity { get; set; }
}

/// <summary>Whose identity the scaler takes on.</summary>
public sealed class TriggerPodIdentity
{
    public string Provider { get; set; } = "";

    public string? RoleArn { get; set; }
}

/// <summary>A parameter of a scaler and the key of a Secret that has its value.</summary>
public sealed class SecretTargetReference
{
    public string Parameter { get; set; } = "";

    public string Name { get; set; } = "";

    public string Key { get; set; } = "";
}
