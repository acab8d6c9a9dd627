using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Kubernetes.LeaderElection;

/// <summary>
/// One process's view of a Lease. Whether another's lease ran out is judged by this process's monotonic clock alone, from the moment it saw the
/// record change, plus the duration in the record: clocks of other machines never count (client-go, tools/leaderelection).
/// </summary>
internal sealed class LeaseLock(IKubernetesClient client, LeaderElectionOptions options, TimeProvider time)
{
    private V1Lease? _observed;
    private long _observedAt;

    /// <summary>Who held it when it was last seen; null for nobody.</summary>
    public string? Holder => _observed?.Spec?.HolderIdentity is { Length: > 0 } holder ? holder : null;

    public bool IsHeld => Holder == options.Identity;

    /// <summary>Takes or renews the lease. False where another holds it or wrote first.</summary>
    /// <exception cref="KubernetesApiException">The server could not be asked.</exception>
    public async Task<bool> TryAcquireOrRenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            // The holder knows the record: one call a renewal.
            if (IsHeld)
            {
                Observe(await client.ReplaceAsync(Renewed(_observed!), cancellationToken).ConfigureAwait(false));
                return true;
            }
        }
        catch (KubernetesApiException e) when (e.IsConflict || e.IsNotFound)
        {
            // Somebody wrote, or our own write was done though its answer was lost: look.
        }

        try
        {
            return await AcquireAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsConflict)
        {
            return false;
        }
    }

    /// <summary>Gives it back, so that another need not wait for it to run out.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        // Read first: a renewal that was cut off may have been written all the same.
        var live = await client.GetAsync<V1Lease>(options.LeaseName, options.LeaseNamespace, cancellationToken).ConfigureAwait(false);
        if (live?.Spec?.HolderIdentity != options.Identity)
            return;
        var lease = Copy(live);
        lease.Spec = new V1LeaseSpec
        {
            HolderIdentity = "",
            LeaseDurationSeconds = 1,
            AcquireTime = time.GetUtcNow(),
            RenewTime = time.GetUtcNow(),
            LeaseTransitions = live.Spec.LeaseTransitions,
        };
        Observe(await client.ReplaceAsync(lease, cancellationToken).ConfigureAwait(false));
    }

    private async Task<bool> AcquireAsync(CancellationToken cancellationToken)
    {
        var lease = await client.GetAsync<V1Lease>(options.LeaseName, options.LeaseNamespace, cancellationToken).ConfigureAwait(false);
        if (lease is null)
        {
            var made = new V1Lease { Metadata = new V1ObjectMeta { Name = options.LeaseName, Namespace = options.LeaseNamespace }, Spec = Taken(0) };
            Observe(await client.CreateAsync(made, cancellationToken).ConfigureAwait(false));
            return true;
        }

        Observe(lease);
        if (Holder is not null && !IsHeld && !HasExpired())
            return false;
        var mine = IsHeld ? Renewed(lease) : Copy(lease);
        mine.Spec = IsHeld ? mine.Spec : Taken((lease.Spec?.LeaseTransitions ?? 0) + 1);
        Observe(await client.ReplaceAsync(mine, cancellationToken).ConfigureAwait(false));
        return true;
    }

    private bool HasExpired()
    {
        var duration = TimeSpan.FromSeconds(_observed?.Spec?.LeaseDurationSeconds ?? options.LeaseDuration.TotalSeconds);
        return time.GetElapsedTime(_observedAt) >= duration;
    }

    // Any write counts as a sign of life; resourceVersion changes with each.
    private void Observe(V1Lease lease)
    {
        if (_observed?.Metadata.ResourceVersion != lease.Metadata.ResourceVersion || _observed?.Metadata.Uid != lease.Metadata.Uid)
            _observedAt = time.GetTimestamp();
        _observed = lease;
    }

    private V1LeaseSpec Taken(int transitions) => new()
    {
        HolderIdentity = options.Identity,
        LeaseDurationSeconds = (int)Math.Ceiling(options.LeaseDuration.TotalSeconds),
        AcquireTime = time.GetUtcNow(),
        RenewTime = time.GetUtcNow(),
        LeaseTransitions = transitions,
    };

    private V1Lease Renewed(V1Lease lease)
    {
        var renewed = Copy(lease);
        renewed.Spec = Taken(lease.Spec?.LeaseTransitions ?? 0);
        renewed.Spec.AcquireTime = lease.Spec?.AcquireTime;
        return renewed;
    }

    private static V1Lease Copy(V1Lease lease) => new() { ApiVersion = lease.ApiVersion, Kind = lease.Kind, Metadata = lease.Metadata };
}
