using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Resources;
using K8sQueue.Operator.Resources.Triggers;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>
/// Makes and keeps what goes with the pods: Secret, PodDisruptionBudget, and what KEDA reads. One that can't be made keeps none of the others.
/// </summary>
internal sealed class PoolChildren(IKubernetesClient client, PoolStores stores, ChildWriter writer, ManagementSecret secret, PoolPush push, ForeignAutoscalers foreign,
    TimeProvider time)
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(15);

    /// <summary>Pods that get their connections at once are not worth a write.</summary>
    private static readonly TimeSpan LongWait = TimeSpan.FromSeconds(10);

    public async Task EnsureAsync(PoolPass pass, CancellationToken cancellationToken)
    {
        if (pass.IsManaged)
        {
            await pass.AttemptAsync($"The Secret '{ChildMetadata.ManagementSecretName(pass.Name)}' can't be kept", () =>
                secret.EnsureAsync(pass, cancellationToken)).ConfigureAwait(false);
        }

        await pass.AttemptAsync($"The PodDisruptionBudget '{pass.Name}' can't be kept", () =>
            EnsureDisruptionBudgetAsync(pass, cancellationToken)).ConfigureAwait(false);
        var kedaIsServed = stores.KedaIsServed(pass.Namespace);
        if (kedaIsServed)
            await EnsureScalingAsync(pass, cancellationToken).ConfigureAwait(false);
        else
            ReportKeda(pass, stores.KedaRefusal(pass.Namespace));
        await foreign.CheckAsync(pass, kedaIsServed, cancellationToken).ConfigureAwait(false);
    }

    private async Task EnsureDisruptionBudgetAsync(PoolPass pass, CancellationToken cancellationToken)
    {
        var pods = stores.PodsOf(pass.Pool).Where(pod => !pod.IsDeleting() && !pod.HasEnded()).ToList();
        var gated = pods.FindAll(pod => pod.IsGated());
        var waits = gated.ConvertAll(pod => time.GetUtcNow() - pod.Metadata.CreationTimestamp ?? LongWait);
        var waiting = waits.Count(wait => wait >= LongWait);
        if (waiting < waits.Count)
            pass.LookAgain(LongWait - waits.Where(wait => wait < LongWait).Max());
        // Node drains may wait that long; what they may take shrinks at once.
        var desired = PodDisruptionBudgetBuilder.Build(pass.Pool, pods.Count - gated.Count, waiting);
        var cached = stores.DisruptionBudgets.Get(new NamespacedName(pass.Namespace, pass.Name));
        var outcome = await writer.EnsureAsync(pass.Pool, desired, cached, cancellationToken).ConfigureAwait(false);
        pass.ReportStranger(outcome, "PodDisruptionBudget", pass.Name);
    }

    private async Task EnsureScalingAsync(PoolPass pass, CancellationToken cancellationToken)
    {
        var (isReady, triggers) = await push.EnsureAsync(pass, cancellationToken).ConfigureAwait(false);
        if (!isReady)
            return;
        var authentications = TriggerAuthenticationBuilder.Build(pass.Pool, triggers);
        foreach (var authentication in authentications)
        {
            var name = authentication.Metadata.Name!;
            await AttemptAsync(pass, $"The TriggerAuthentication '{name}'", async () =>
            {
                var cached = stores.TriggerAuthentications.Get(authentication.Key());
                var outcome = await writer.EnsureAsync(pass.Pool, authentication, cached, cancellationToken).ConfigureAwait(false);
                pass.ReportStranger(outcome, "TriggerAuthentication", name);
            }).ConfigureAwait(false);
        }

        var isKept = false;
        await AttemptAsync(pass, "The ScaledObject", async () =>
        {
            var scaledObject = ScaledObjectBuilder.Build(pass.Pool, triggers);
            var cached = stores.ScaledObjects.Get(scaledObject.Key());
            var outcome = await writer.EnsureAsync(pass.Pool, scaledObject, cached, cancellationToken).ConfigureAwait(false);
            var stranger = pass.ReportStranger(outcome, "ScaledObject", pass.Name);
            pass.ScalingProblem = stranger ?? pass.ScalingProblem;
            isKept = stranger is null;
        }).ConfigureAwait(false);
        if (ScheduleTriggers.TroubleOf(pass.Spec.Scaling) is { } trouble)
            pass.ScalingProblem ??= new(Reasons.InvalidSchedule, trouble);

        // The last ScaledObject, which stays where this one was refused, may read what this one does not.
        if (isKept)
            await DeleteUnusedAsync(pass, [.. authentications.Select(item => item.Metadata.Name!)], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Without this part nothing scales the pool, and that is where it is told.</summary>
    private static async Task AttemptAsync(PoolPass pass, string what, Func<Task> part)
    {
        try
        {
            await part().ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            // Its CRDs went between the look and the write.
            ReportKeda(pass, refusal: null);
        }
        catch (KubernetesApiException e) when (e.IsRefused)
        {
            pass.ScalingProblem ??= new(Reasons.ScaledObjectRejected, $"{what} was refused: {e.Message}");
            pass.LookAgain(Retry);
        }
        catch (KubernetesApiException e)
        {
            pass.ReportFailure($"{what} can't be kept", e);
        }
    }

    private async Task DeleteUnusedAsync(PoolPass pass, HashSet<string> used, CancellationToken cancellationToken)
    {
        foreach (var unused in stores.TriggerAuthentications.WithLabel(Labels.Pool, pass.Namespace, pass.Name))
        {
            if (used.Contains(unused.Metadata.Name!) || !unused.IsControlledBy(pass.Pool) || unused.IsDeleting())
                continue;
            var (name, options) = (unused.Metadata.Name!, new DeleteOptions { Uid = unused.Metadata.Uid });
            await pass.AttemptAsync($"The TriggerAuthentication '{name}' can't be deleted", () =>
                client.DeleteAsync<V1Alpha1TriggerAuthentication>(name, pass.Namespace, options, cancellationToken)).ConfigureAwait(false);
        }
    }

    private static void ReportKeda(PoolPass pass, string? refusal)
    {
        var byHand = $"or scale by hand (kubectl scale workerpool {pass.Name} --replicas=N with N >= 1; spec.suspend for zero).";
        pass.ScalingProblem = refusal is null
            ? new(
                Reasons.KedaNotInstalled,
                $"KEDA is not installed, so nothing scales the pool: install KEDA 2.17 or later (https://keda.sh/docs/latest/deploy/), {byHand}")
            : new(
                Reasons.KedaForbidden,
                $"The operator may not list ScaledObjects, so nothing scales the pool: give it the rights of deploy/operator, {byHand} The API server: {refusal}");
    }
}
