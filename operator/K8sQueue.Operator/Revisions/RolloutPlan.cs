namespace K8sQueue.Operator.Revisions;

/// <summary>What the Deployments are to be.</summary>
/// <param name="Replicas">Replicas by Deployment.</param>
/// <param name="Finished">Old Deployments that may be deleted: no pod is left of them, and the history is long enough without them.</param>
public sealed record RolloutPlan(IReadOnlyDictionary<string, int> Replicas, IReadOnlyList<string> Finished)
{
    /// <summary>Replicas that the pool is to have now, over all revisions.</summary>
    public int Target { get; init; }

    public int Total => Replicas.Values.Sum();
}
