using System.Net;

namespace K8sQueue.Kubernetes.Client;

/// <summary>
/// Says what the API server means where a server-side apply fails. Both of these were seen with kube-apiserver 1.36.
/// </summary>
internal static class ApplyErrors
{
    public static KubernetesApiException Translate(KubernetesApiException e, string? uid)
    {
        // A field that the schema does not have, or one of another type, under strict validation: 500.
        if (e.StatusCode == HttpStatusCode.InternalServerError && e.Message.Contains("failed to create typed patch object", StringComparison.Ordinal))
            return new KubernetesApiException(HttpStatusCode.UnprocessableEntity, "Invalid", e.Message);

        // Another object of the same name: "metadata.uid is immutable", where an absent one is a conflict.
        if (uid is not null && e.StatusCode == HttpStatusCode.UnprocessableEntity && e.Message.Contains("metadata.uid", StringComparison.Ordinal))
            return new KubernetesApiException(HttpStatusCode.Conflict, "Conflict", e.Message);
        return e;
    }
}
