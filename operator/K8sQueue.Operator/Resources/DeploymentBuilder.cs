using System.Globalization;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Resources.Pods;

namespace K8sQueue.Operator.Resources;

/// <summary>The Deployment of one revision. It starts with no replica, and only its replicas and its number ever change.</summary>
public static class DeploymentBuilder
{
    /// <summary>Of a pool that is charged to the budgets it names only.</summary>
    public static V1Deployment Build(V1Alpha1WorkerPool pool, string revision)
    {
        ArgumentNullException.ThrowIfNull(pool);
        return Build(pool, revision, PoolCharges.Of(pool.Spec, []));
    }

    /// <param name="pool">The pool.</param>
    /// <param name="revision">The revision's hash.</param>
    /// <param name="charges">By <see cref="PoolCharges"/>.</param>
    /// <param name="number">The order of revisions: higher than those before.</param>
    public static V1Deployment Build(V1Alpha1WorkerPool pool, string revision, IReadOnlyList<PoolCharge> charges, int number = 1)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(charges);
        var metadata = ChildMetadata.Of(pool, ChildMetadata.DeploymentName(pool.Metadata.Name!, revision));
        metadata.Labels![Labels.Revision] = revision;
        metadata.Annotations = new Dictionary<string, string> { [Labels.RevisionNumber] = number.ToString(CultureInfo.InvariantCulture) };
        return new V1Deployment
        {
            ApiVersion = "apps/v1",
            Kind = "Deployment",
            Metadata = metadata,
            Spec = new V1DeploymentSpec
            {
                Replicas = 0,
                RevisionHistoryLimit = 0,
                // A pod that waits for its grant is no failed rollout: the pool has its own word on progress.
                ProgressDeadlineSeconds = int.MaxValue,
                Selector = new V1LabelSelector
                {
                    MatchLabels = new Dictionary<string, string> { [Labels.Pool] = pool.Metadata.Name!, [Labels.Revision] = revision },
                },
                Strategy = new V1DeploymentStrategy
                {
                    Type = "RollingUpdate",
                    RollingUpdate = new V1RollingUpdateDeployment { MaxSurge = 1, MaxUnavailable = 0 },
                },
                Template = PodTemplateBuilder.Build(pool, revision, charges),
            },
        };
    }
}
