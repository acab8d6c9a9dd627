namespace K8sQueue.Kubernetes.Models;

/// <summary>v1 Secret.</summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "Secret", PluralName = "secrets")]
public sealed class V1Secret : KubernetesObject
{
    public string? Type { get; set; }

    public bool? Immutable { get; set; }

    /// <summary>Values as bytes; base64 is the wire's matter.</summary>
    public Dictionary<string, byte[]>? Data { get; set; }

    /// <summary>Write-only: the API server moves it into <see cref="Data"/>.</summary>
    public Dictionary<string, string>? StringData { get; set; }
}
