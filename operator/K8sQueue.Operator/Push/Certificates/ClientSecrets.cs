using System.Collections.Concurrent;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Controllers;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Resources.Triggers;

namespace K8sQueue.Operator.Push.Certificates;

/// <summary>
/// Keeps each namespace's Secret for KEDA. A few of the namespace's pools that push own it, so it goes with them. It is read again every few
/// minutes; only the leader writes it.
/// </summary>
internal sealed class ClientSecrets(IKubernetesClient client, PoolStores stores, PushIdentity identity, TimeProvider time)
{
    public const string SecretName = "k8squeue-push-client";

    private static readonly TimeSpan Known = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<(string Namespace, string Pool), Seen> _seen = new();

    /// <summary>Why there are no certificates yet; null where there are, or where the first look is under way.</summary>
    public string? Problem => identity.Problem;

    /// <summary>What the triggers of the pool need; null while the certificates are not there yet.</summary>
    /// <exception cref="KubernetesApiException">The API server refuses, or the Secret is somebody else's.</exception>
    public async Task<PushTriggers?> EnsureAsync(V1Alpha1WorkerPool pool, CancellationToken cancellationToken)
    {
        if (identity.Material is not { } material)
            return null;
        var key = (pool.Metadata.Namespace!, pool.Metadata.Uid!);
        if (!_seen.TryGetValue(key, out var seen) || seen.Material != material || time.GetElapsedTime(seen.At) >= Known)
        {
            var fingerprint = await KeepAsync(pool, material, cancellationToken).ConfigureAwait(false);
            _seen[key] = seen = new Seen(material, fingerprint, time.GetTimestamp());
        }

        return new PushTriggers(identity.Settings.AdvertisedAddress, seen.Fingerprint);
    }

    public void Forget(V1Alpha1WorkerPool pool) => _seen.TryRemove((pool.Metadata.Namespace!, pool.Metadata.Uid!), out _);

    /// <summary>When to call again.</summary>
    public static TimeSpan Interval => Known;

    private async Task<string> KeepAsync(V1Alpha1WorkerPool pool, PushMaterial material, CancellationToken cancellationToken)
    {
        var @namespace = pool.Metadata.Namespace!;
        var secret = await client.GetAsync<V1Secret>(SecretName, @namespace, cancellationToken).ConfigureAwait(false);
        if (secret is null)
            return ClientMaterial.Fingerprint((await client.CreateAsync(New(pool, material), cancellationToken).ConfigureAwait(false)).Data!);
        if (secret.Label(Labels.ManagedBy) != Labels.FieldManager)
            throw new ForeignSecretException(@namespace);
        var isGood = ClientMaterial.IsGood(secret.Data, material, @namespace, time.GetUtcNow());
        var present = secret.Metadata.OwnerReferences ?? [];
        var owners = SecretOwners.Of(present, Pushed(pool));
        if (isGood && owners.Select(owner => owner.Uid).SequenceEqual(present.Select(owner => owner.Uid)))
            return ClientMaterial.Fingerprint(secret.Data!);
        if (!isGood)
            secret.Data = ClientMaterial.Make(material, @namespace, time.GetUtcNow());
        secret.Metadata.OwnerReferences = owners;
        var written = await client.ReplaceAsync(secret, cancellationToken).ConfigureAwait(false);
        return ClientMaterial.Fingerprint(written.Data!);
    }

    /// <summary>The pools of the namespace that push: this one, and what the cache has.</summary>
    private IEnumerable<V1Alpha1WorkerPool> Pushed(V1Alpha1WorkerPool pool) => stores.Pools.List(pool.Metadata.Namespace)
        .Where(item => item.Metadata.Uid != pool.Metadata.Uid && !item.IsDeleting() && item.Spec.Queues.Exists(PushedTriggers.IsPushed))
        .Append(pool);

    private V1Secret New(V1Alpha1WorkerPool pool, PushMaterial material) => new()
    {
        ApiVersion = "v1",
        Kind = "Secret",
        Metadata = new V1ObjectMeta
        {
            Name = SecretName,
            Namespace = pool.Metadata.Namespace,
            Labels = new Dictionary<string, string> { [Labels.ManagedBy] = Labels.FieldManager },
            OwnerReferences = SecretOwners.Of([], Pushed(pool)),
        },
        Type = "Opaque",
        Data = ClientMaterial.Make(material, pool.Metadata.Namespace!, time.GetUtcNow()),
    };

    private sealed record Seen(PushMaterial Material, string Fingerprint, long At);
}

/// <summary>There is a Secret of that name that the operator did not make.</summary>
internal sealed class ForeignSecretException(string @namespace)
    : Exception($"There is a Secret '{ClientSecrets.SecretName}' in {@namespace} that the operator did not make: delete or rename it.");
