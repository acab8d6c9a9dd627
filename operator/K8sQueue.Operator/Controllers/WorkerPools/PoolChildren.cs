using System.Net;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Resources;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>Makes and keeps what goes with the pods: Secret, PodDisruptionBudget, and what KEDA reads.</summary>
internal sealed class PoolChildren(IKubernetesClient client, PoolStores stores, ChildWriter writer)
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(15);

    public async Task EnsureAsync(PoolPass pass, CancellationToken cancellationToken)
    {
        if (pass.IsNative && !pass.Memory.HasManagementSecret)
            await EnsureManagementSecretAsync(pass, cancellationToken).ConfigureAwait(false);
        var key = new NamespacedName(pass.Namespace, pass.Name);
        var disruption = PodDisruptionBudgetBuilder.Build(pass.Pool);
        var outcome = await writer.EnsureAsync(pass.Pool, disruption, stores.DisruptionBudgets.Get(key), cancellationToken).ConfigureAwait(false);
        ReportForeign(pass, outcome, "PodDisruptionBudget", pass.Name);
        if (stores.KedaIsServed())
            await EnsureScalingAsync(pass, cancellationToken).ConfigureAwait(false);
        else
            ReportKeda(pass);
    }

    private async Task EnsureManagementSecretAsync(PoolPass pass, CancellationToken cancellationToken)
    {
        var secret = ManagementSecretBuilder.Build(pass.Pool, ManagementSecretBuilder.NewToken());
        if (!await writer.TryCreateAsync(secret, cancellationToken).ConfigureAwait(false))
        {
            var live = await client.GetAsync<V1Secret>(secret.Metadata.Name!, pass.Namespace, cancellationToken).ConfigureAwait(false);
            if (live?.IsControlledBy(pass.Pool) == false)
            {
                ReportForeign(pass, ChildOutcome.Foreign, "Secret", secret.Metadata.Name!);
                return;
            }
        }

        pass.Memory.HasManagementSecret = true;
    }

    private async Task EnsureScalingAsync(PoolPass pass, CancellationToken cancellationToken)
    {
        try
        {
            var authentications = TriggerAuthenticationBuilder.Build(pass.Pool);
            foreach (var authentication in authentications)
            {
                var cached = stores.TriggerAuthentications.Get(authentication.Key());
                var outcome = await writer.EnsureAsync(pass.Pool, authentication, cached, cancellationToken).ConfigureAwait(false);
                ReportForeign(pass, outcome, "TriggerAuthentication", authentication.Metadata.Name!);
            }

            var scaledObject = ScaledObjectBuilder.Build(pass.Pool);
            var known = stores.ScaledObjects.Get(scaledObject.Key());
            var result = await writer.EnsureAsync(pass.Pool, scaledObject, known, cancellationToken).ConfigureAwait(false);
            if (result == ChildOutcome.Foreign)
                pass.ScalingProblem = Foreign("ScaledObject", pass.Name);
            ReportForeign(pass, result, "ScaledObject", pass.Name);
            await DeleteUnusedAsync(pass, [.. authentications.Select(item => item.Metadata.Name!)], cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            // Its CRDs went between the look and the write.
            ReportKeda(pass);
        }
        catch (KubernetesApiException e)
            when (e.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity)
        {
            pass.ScalingProblem = new(Reasons.ScaledObjectRejected, $"The ScaledObject was refused: {e.Message}");
            pass.LookAgain(Retry);
        }
    }

    private async Task DeleteUnusedAsync(PoolPass pass, HashSet<string> used, CancellationToken cancellationToken)
    {
        foreach (var unused in stores.TriggerAuthentications.WithLabel(Labels.Pool, pass.Namespace, pass.Name))
        {
            if (used.Contains(unused.Metadata.Name!) || !unused.IsControlledBy(pass.Pool) || unused.IsDeleting())
                continue;
            await client.DeleteAsync<V1Alpha1TriggerAuthentication>(
                unused.Metadata.Name!, pass.Namespace, new DeleteOptions { Uid = unused.Metadata.Uid }, cancellationToken).ConfigureAwait(false);
        }
    }

    private static void ReportKeda(PoolPass pass) => pass.ScalingProblem = new(
        Reasons.KedaNotInstalled,
        "KEDA is not installed, so nothing scales the pool: install KEDA 2.17 or later (https://keda.sh/docs/latest/deploy/), or scale by hand "
        + $"(kubectl scale workerpool {pass.Name} --replicas=N).");

    private static void ReportForeign(PoolPass pass, ChildOutcome outcome, string kind, string name)
    {
        if (outcome != ChildOutcome.Foreign)
            return;
        var problem = Foreign(kind, name);
        pass.Report(problem.Reason, problem.Message);
        pass.LookAgain(Retry);
    }

    internal static PoolProblem Foreign(string kind, string name) => new(
        Reasons.ChildConflict,
        $"There is a {kind} '{name}' that is not this pool's, and it is left alone: delete or rename it, or rename the pool.");
}
