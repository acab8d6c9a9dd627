using System.Net;
using K8sQueue.Api.Problems;
using K8sQueue.Kubernetes.Client;

namespace K8sQueue.Api.Cluster;

/// <summary>What a client is told where the cluster does not answer as it should. Pure.</summary>
internal static class ClusterProblems
{
    /// <summary>How soon a client should ask again.</summary>
    public const int RetryAfterSeconds = 5;

    /// <param name="exception">What came of the call.</param>
    /// <param name="what">What was to be read, as RBAC names it: <c>workerpools</c>.</param>
    public static Problem From(KubernetesApiException exception, string what)
    {
        var detail = exception.StatusCode switch
        {
            HttpStatusCode.Forbidden => $"The API's user may not read {what}: {exception.Message} The chart's api.cluster.enabled gives it the rights.",
            HttpStatusCode.Unauthorized => $"The cluster does not know the API's user: {exception.Message}",
            HttpStatusCode.NotFound => $"The cluster does not know {what}: install their definitions (deploy/crds.yaml).",
            _ => $"The cluster does not answer: {exception.Message}",
        };
        return new Problem(ProblemTypes.ClusterUnavailable, detail) { RetryAfterSeconds = RetryAfterSeconds };
    }
}
