using K8sQueue.Operator.Push;
using K8sQueue.Operator.Push.Certificates;
using K8sQueue.Operator.Resources.Triggers;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>Gets ready what the pushed queues of a pool need. Without push they are polled, which is late but works, and the condition says so.</summary>
/// <param name="secrets">Null where the operator serves no push.</param>
internal sealed class PoolPush(ClientSecrets? secrets)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
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
                $"The operator serves no push, so KEDA polls the queues until it does: set {PushSettings.ListenVariable} and "
                + $"{PushSettings.AdvertisedVariable} of the operator, or signal: Poll.");
            return (true, null);
        }

        PushTriggers? triggers = null;
        try
        {
            await pass.AttemptAsync($"The Secret '{ClientSecrets.SecretName}' can't be kept", async () =>
                triggers = await secrets.EnsureAsync(pass.Pool, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (ForeignSecretException e)
        {
            pass.ScalingProblem = new(Reasons.ChildConflict, e.Message);
            pass.LookAgain(Retry);
            return (false, null);
        }

        // What is there stays as it is until then: a change to polling and back would cost the pool its pending activation.
        pass.LookAgain(triggers is null ? Soon : ClientSecrets.Interval);
        return (triggers is not null, triggers);
    }

    public void Forget(Entities.V1Alpha1WorkerPool pool) => secrets?.Forget(pool);
}
