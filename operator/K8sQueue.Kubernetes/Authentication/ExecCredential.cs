using System.Text.Json.Serialization;

namespace K8sQueue.Kubernetes.Authentication;

/// <summary>client.authentication.k8s.io ExecCredential: with a spec on the way to a plugin, with a status on the way back.</summary>
internal sealed record ExecCredential(string ApiVersion, string Kind, ExecCredentialSpec? Spec, ExecCredentialStatus? Status);

internal sealed record ExecCredentialSpec(bool Interactive, ExecClusterInfo? Cluster);

internal sealed record ExecCredentialStatus
{
    public DateTimeOffset? ExpirationTimestamp { get; init; }

    public string? Token { get; init; }

    public string? ClientCertificateData { get; init; }

    public string? ClientKeyData { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ExecCredential))]
internal sealed partial class ExecJsonContext : JsonSerializerContext;
