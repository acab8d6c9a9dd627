using System.Collections.Concurrent;
using System.Net;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>
/// Finds autoscalers of others that scale a pool or its Deployments: two of them fight without an error. They are listed live, a namespace at
/// most every five minutes, without KEDA's own and the pools' (so the answer is mostly empty); a fight itself makes the pool reconcile.
/// </summary>
internal sealed class ForeignAutoscalers(IKubernetesClient client, TimeProvider time)
{
    private const string NotKedas = "app.kubernetes.io/managed-by!=keda-operator";
    private const string NotPools = "!" + Labels.Pool;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FoundInterval = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(string Namespace, string Kind), Seen> _seen = new();

    public async Task CheckAsync(PoolPass pass, bool kedaIsServed, CancellationToken cancellationToken)
    {
        var autoscalers = await InAsync(pass.Namespace, "HorizontalPodAutoscaler", HorizontalAsync, cancellationToken).ConfigureAwait(false);
        if (kedaIsServed)
            autoscalers = [.. autoscalers, .. await InAsync(pass.Namespace, "ScaledObject", ScaledObjectsAsync, cancellationToken).ConfigureAwait(false)];
        if (autoscalers.FirstOrDefault(autoscaler => Scales(autoscaler.Target, pass)) is not { } foreign)
            return;
        pass.ScalingProblem ??= new(
            Reasons.ForeignAutoscaler,
            $"The {foreign.Kind} '{foreign.Name}' scales the {foreign.Target.Kind} '{foreign.Target.Name}', too: delete it, and let scaling and queues of the "
            + "pool say what it should do.");
        pass.LookAgain(FoundInterval);
    }

    private static bool Scales(ScaleTargetReference target, PoolPass pass) => target.Kind switch
    {
        "WorkerPool" => target.Name == pass.Name && target.ApiVersion.StartsWith(Labels.Group + "/", StringComparison.Ordinal),
        // KEDA's own default.
        "Deployment" or "" => pass.Deployments.Exists(deployment => deployment.Metadata.Name == target.Name),
        _ => false,
    };

    /// <summary>What was seen stays so until the server says otherwise: a list that fails is no empty one.</summary>
    private async Task<IReadOnlyList<Autoscaler>> InAsync(
        string @namespace, string kind, Func<string, CancellationToken, Task<IReadOnlyList<Autoscaler>>> list, CancellationToken cancellationToken)
    {
        var known = _seen.GetValueOrDefault((@namespace, kind));
        if (known is not null && time.GetElapsedTime(known.At) < known.Interval)
            return known.Found;
        var (found, interval) = (known?.Found ?? [], FoundInterval);
        try
        {
            found = await list(@namespace, cancellationToken).ConfigureAwait(false);
            interval = found.Count > 0 ? FoundInterval : Interval;
        }
        catch (KubernetesApiException e)
        {
            // Nothing else of the pool waits for it. Who has no right to look gets none by asking more often.
            if (e.StatusCode == HttpStatusCode.Forbidden && found.Count == 0)
                interval = Interval;
        }

        _seen[(@namespace, kind)] = new(found, interval, time.GetTimestamp());
        return found;
    }

    private async Task<IReadOnlyList<Autoscaler>> HorizontalAsync(string @namespace, CancellationToken cancellationToken)
    {
        var list = await client.ListAsync<V2HorizontalPodAutoscaler>(
            @namespace, new ListOptions { LabelSelector = NotKedas }, cancellationToken).ConfigureAwait(false);
        return [.. list.Items.Where(item => item.ControllerReference()?.Kind != "ScaledObject")
            .Select(item => new Autoscaler("HorizontalPodAutoscaler", item.Metadata.Name!, item.Spec.ScaleTargetRef))];
    }

    private async Task<IReadOnlyList<Autoscaler>> ScaledObjectsAsync(string @namespace, CancellationToken cancellationToken)
    {
        var list = await client.ListAsync<V1Alpha1ScaledObject>(
            @namespace, new ListOptions { LabelSelector = NotPools }, cancellationToken).ConfigureAwait(false);
        return [.. list.Items.Where(item => item.ControllerReference()?.Kind != "WorkerPool")
            .Select(item => new Autoscaler("ScaledObject", item.Metadata.Name!, item.Spec.ScaleTargetRef))];
    }

    private sealed record Autoscaler(string Kind, string Name, ScaleTargetReference Target);

    private sealed record Seen(IReadOnlyList<Autoscaler> Found, TimeSpan Interval, long At);
}
