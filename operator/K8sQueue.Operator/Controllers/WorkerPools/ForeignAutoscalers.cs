using System.Collections.Concurrent;
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

    private readonly ConcurrentDictionary<string, Remembered<IReadOnlyList<Autoscaler>>> _seen = new(StringComparer.Ordinal);

    public async Task CheckAsync(PoolPass pass, bool kedaIsServed, CancellationToken cancellationToken)
    {
        var autoscalers = await InAsync(pass.Namespace, kedaIsServed, cancellationToken).ConfigureAwait(false);
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

    private async Task<IReadOnlyList<Autoscaler>> InAsync(string @namespace, bool kedaIsServed, CancellationToken cancellationToken)
    {
        if (_seen.GetValueOrDefault(@namespace) is { } known
            && time.GetElapsedTime(known.At) < (known.Value.Count > 0 ? FoundInterval : Interval))
            return known.Value;
        var found = new List<Autoscaler>();
        try
        {
            var horizontal = await client.ListAsync<V2HorizontalPodAutoscaler>(
                @namespace, new ListOptions { LabelSelector = NotKedas }, cancellationToken).ConfigureAwait(false);
            found.AddRange(horizontal.Items.Where(item => item.ControllerReference()?.Kind != "ScaledObject")
                .Select(item => new Autoscaler("HorizontalPodAutoscaler", item.Metadata.Name!, item.Spec.ScaleTargetRef)));
            if (kedaIsServed)
            {
                var scaledObjects = await client.ListAsync<V1Alpha1ScaledObject>(
                    @namespace, new ListOptions { LabelSelector = NotPools }, cancellationToken).ConfigureAwait(false);
                found.AddRange(scaledObjects.Items.Where(item => item.ControllerReference()?.Kind != "WorkerPool")
                    .Select(item => new Autoscaler("ScaledObject", item.Metadata.Name!, item.Spec.ScaleTargetRef)));
            }
        }
        catch (KubernetesApiException)
        {
            // Without the right to look, or a word of the server: nothing else of the pool waits for it.
        }

        _seen[@namespace] = new(@namespace, found, time.GetTimestamp());
        return found;
    }

    private sealed record Autoscaler(string Kind, string Name, ScaleTargetReference Target);
}
