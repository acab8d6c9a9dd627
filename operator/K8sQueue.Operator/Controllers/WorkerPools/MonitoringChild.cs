using System.Globalization;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Caching;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>
/// One object, of the pool's name, of a kind that the cluster may not know. The kind is not watched: whether it is served is asked once a minute for
/// all pools together, and what is there is read by name every five minutes.
/// </summary>
internal sealed class MonitoringChild<T>(IKubernetesClient client, ChildWriter writer, TimeProvider time)
    where T : class, IKubernetesObject
{
    private static readonly TimeSpan Present = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Missing = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(15);

    private static readonly PoolProblem NotInstalled = new(
        Reasons.PrometheusOperatorNotInstalled,
        $"The cluster knows no {ResourceType<T>.Kind} ({ResourceType<T>.ApiVersion}): install the Prometheus operator (https://prometheus-operator.dev), or take it "
        + "out of spec.monitoring. Looked for every minute.");

    private Remembered<bool>? _served;

    private static string Kind => ResourceType<T>.Kind;

    /// <param name="desired">Null where there is to be none.</param>
    /// <returns>What keeps it from being as it is to be; null for nothing.</returns>
    public async Task<PoolProblem?> EnsureAsync(PoolPass pass, T? desired, CancellationToken cancellationToken)
    {
        var key = desired is null ? "" : SpecDigest.Of(OperatorJson.ToObject(desired)).ToString("x", CultureInfo.InvariantCulture);
        var memory = pass.Memory.Monitoring ??= new(StringComparer.Ordinal);
        var known = memory.GetValueOrDefault(Kind);
        if (known is null || known.Key != key || time.GetElapsedTime(known.At) >= IntervalOf(known.Value))
        {
            known = new(key, await LookAsync(pass, desired, cancellationToken).ConfigureAwait(false), time.GetTimestamp());
            memory[Kind] = known;
        }

        if (desired is not null || known.Value is not null)
            pass.LookAgain(IntervalOf(known.Value) - time.GetElapsedTime(known.At));
        return known.Value;
    }

    private static TimeSpan IntervalOf(PoolProblem? problem) => problem is null ? Present : problem == NotInstalled ? Missing : Retry;

    private async Task<PoolProblem?> LookAsync(PoolPass pass, T? desired, CancellationToken cancellationToken)
    {
        try
        {
            if (desired is not null && !await IsServedAsync(cancellationToken).ConfigureAwait(false))
                return NotInstalled;
            var live = await client.GetAsync<T>(pass.Name, pass.Namespace, cancellationToken).ConfigureAwait(false);
            if (desired is not null)
                return PoolPass.StrangerOf(await writer.EnsureAsync(pass.Pool, desired, live, cancellationToken).ConfigureAwait(false), Kind, pass.Name);
            await DeleteAsync(pass.Pool, live, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            // Its definition went between the look and the write.
            _served = null;
            return NotInstalled;
        }
        catch (KubernetesApiException e) when (e.IsRefused)
        {
            return new(Reasons.MonitoringRefused, $"The {Kind} '{pass.Name}' was refused: {e.Message}");
        }
        catch (KubernetesApiException e)
        {
            return new(Reasons.ApiCallFailed, $"The {Kind} '{pass.Name}' can't be kept: {e.Message}");
        }
    }

    private async Task<bool> IsServedAsync(CancellationToken cancellationToken)
    {
        if (_served is { } seen && (seen.Value || time.GetElapsedTime(seen.At) < Missing))
            return seen.Value;
        var isServed = await client.IsServedAsync<T>(cancellationToken).ConfigureAwait(false);
        _served = new(Kind, isServed, time.GetTimestamp());
        return isServed;
    }

    private async Task DeleteAsync(V1Alpha1WorkerPool pool, T? live, CancellationToken cancellationToken)
    {
        if (live is null || !live.IsControlledBy(pool) || live.IsDeleting())
            return;
        var options = new DeleteOptions { Uid = live.Metadata.Uid };
        await client.DeleteAsync<T>(live.Metadata.Name!, live.Metadata.Namespace, options, cancellationToken).ConfigureAwait(false);
    }
}
