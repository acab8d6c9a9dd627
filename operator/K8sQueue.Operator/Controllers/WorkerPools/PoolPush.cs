using K8sQueue.Kubernetes.Client;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Push;
using K8sQueue.Operator.Push.Certificates;
using K8sQueue.Operator.Resources.Triggers;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>
/// Gets ready what the pushed queues of a pool need. Where that can't be had, they keep the triggers that they have, and are polled where
/// they have none: that is late, but works, and the condition says so.
/// </summary>
/// <param name="secrets">Null where the operator serves no push.</param>
internal sealed class PoolPush(IKubernetesClient client, ClientSecrets? secrets)
{
    private static readonly TimeSpan Starting = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(15);

    /// <summary>Whether the triggers may be written now, and what those of pushed queues need; null for triggers that poll.</summary>
    public async Task<(bool IsReady, PushTriggers? Triggers)> EnsureAsync(PoolPass pass, CancellationToken cancellationToken)
    {
        if (!pass.Spec.Queues.Exists(PushedTriggers.IsPushed))
            return (true, null);
        if (secrets is null)
        {
            pass.ScalingProblem = new(
                Reasons.PushUnavailable,
                "The operator serves no push, so KEDA polls the queues until it does: set operator.push.enabled of the chart (without Helm, "
                + $"{PushSettings.ListenVariable} and {PushSettings.AdvertisedVariable} of the operator), or signal: Poll.");
            return (true, null);
        }

        try
        {
            if (await secrets.EnsureAsync(pass.Pool, cancellationToken).ConfigureAwait(false) is { } triggers)
            {
                pass.LookAgain(ClientSecrets.Interval);
                return (true, triggers);
            }

            if (secrets.Problem is not { } problem)
            {
                // The operator has just started: a word about it would be taken back at once.
                pass.LookAgain(Starting);
                return (false, null);
            }

            Report(pass, $"There are no certificates for push. {problem}");
        }
        catch (KubernetesApiException e) when (e.IsConflict || e.IsNotFound)
        {
            // Another pool's pass was first.
            pass.ReportFailure("", e);
            return (false, null);
        }
        catch (KubernetesApiException e)
        {
            Report(pass, $"The Secret '{ClientSecrets.SecretName}' can't be kept: {e.Message}");
            pass.LookAgain(e.RetryAfter);
        }
        catch (ForeignSecretException e)
        {
            pass.ScalingProblem = new(Reasons.ChildConflict, e.Message);
            pass.LookAgain(Retry);
        }

        return await PresentAsync(pass, cancellationToken).ConfigureAwait(false);
    }

    public void Forget(Entities.V1Alpha1WorkerPool pool) => secrets?.Forget(pool);

    private static void Report(PoolPass pass, string cause)
    {
        pass.ScalingProblem = new(
            Reasons.PushUnavailable, $"{cause} Queues that are pushed already stay so, new ones are polled until then.");
        pass.LookAgain(Retry);
    }

    /// <summary>What is there stays as it is: a change to polling and back would cost the pool its pending activation.</summary>
    private async Task<(bool IsReady, PushTriggers? Triggers)> PresentAsync(PoolPass pass, CancellationToken cancellationToken)
    {
        try
        {
            return (true, PushTriggers.Of(await client.GetAsync<V1Alpha1ScaledObject>(pass.Name, pass.Namespace, cancellationToken).ConfigureAwait(false)));
        }
        catch (KubernetesApiException e)
        {
            pass.ReportFailure($"The ScaledObject '{pass.Name}' can't be read", e);
            return (false, null);
        }
    }
}
