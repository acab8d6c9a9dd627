using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Push.Certificates;

/// <summary>
/// The operator's own Secret, as its replicas agree on it: who makes it first has made it for all, who renews it names the version that it
/// read, and everybody reads it again before using what it wrote.
/// </summary>
internal sealed partial class PushIdentity(
    IKubernetesClient client, PushSettings settings, string @namespace, TimeProvider time, ILogger<PushIdentity> logger)
{
    public const string SecretName = "k8squeue-push-server";

    private volatile PushMaterial? _material;
    private string? _version;

    /// <summary>Null until the Secret was read once.</summary>
    public PushMaterial? Material => _material;

    /// <summary>Why there is no material; null where there is, or nobody looked yet.</summary>
    public string? Problem { get; private set; }

    public PushSettings Settings => settings;

    /// <summary>Reads the Secret, makes it, or renews it.</summary>
    /// <exception cref="KubernetesApiException">The API server refuses. What was read before stays in use.</exception>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ReadOrRenewAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e)
        {
            Problem = _material is null ? $"The Secret '{SecretName}' of {@namespace} can't be kept: {e.Message}" : null;
            throw;
        }

        Problem = _material is null ? $"The Secret '{SecretName}' of {@namespace} holds no certificates that can be read." : null;
    }

    private async Task ReadOrRenewAsync(CancellationToken cancellationToken)
    {
        var secret = await client.GetAsync<V1Secret>(SecretName, @namespace, cancellationToken).ConfigureAwait(false);
        var version = secret?.Metadata.ResourceVersion;
        var present = version is not null && version == _version ? _material : PushMaterial.Read(secret?.Data);
        var wanted = PushMaterial.Renew(present, settings.Host, time.GetUtcNow());
        if (ReferenceEquals(wanted, present))
        {
            (_material, _version) = (wanted, version);
            return;
        }

        var written = await TryWriteAsync(secret, wanted, cancellationToken).ConfigureAwait(false);
        if (written is null)
        {
            // Another replica was first: what it wrote counts.
            await AdoptAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        Log.Renewed(logger, wanted.Server.NotAfter.ToUniversalTime());
        (_material, _version) = (wanted, written.Metadata.ResourceVersion);
    }

    private async Task AdoptAsync(CancellationToken cancellationToken)
    {
        var secret = await client.GetAsync<V1Secret>(SecretName, @namespace, cancellationToken).ConfigureAwait(false);
        if (PushMaterial.Read(secret?.Data) is { } material)
            (_material, _version) = (material, secret!.Metadata.ResourceVersion);
    }

    private async Task<V1Secret?> TryWriteAsync(V1Secret? secret, PushMaterial wanted, CancellationToken cancellationToken)
    {
        try
        {
            if (secret is null)
                return await client.CreateAsync(New(wanted), cancellationToken).ConfigureAwait(false);
            secret.Data = wanted.ToData();
            return await client.ReplaceAsync(secret, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsAlreadyExists || e.IsConflict)
        {
            return null;
        }
    }

    private V1Secret New(PushMaterial material) => new()
    {
        ApiVersion = "v1",
        Kind = "Secret",
        Metadata = new V1ObjectMeta
        {
            Name = SecretName,
            Namespace = @namespace,
            Labels = new Dictionary<string, string> { [Labels.ManagedBy] = Labels.FieldManager },
        },
        Type = "Opaque",
        Data = material.ToData(),
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The certificates of push were renewed; the server's is good until {NotAfter:O}.")]
        public static partial void Renewed(ILogger logger, DateTime notAfter);
    }
}
