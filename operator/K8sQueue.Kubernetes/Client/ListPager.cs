using System.Globalization;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Serialization;

namespace K8sQueue.Kubernetes.Client;

/// <summary>Follows the pages of a list to their end.</summary>
internal sealed class ListPager(KubernetesCaller caller, TimeSpan timeout)
{
    public async Task<KubernetesList<T>> ListAsync<T>(string? @namespace, ListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        using var deadline = new Deadline(timeout, caller.Time, cancellationToken);
        while (true)
        {
            try
            {
                return await ListPagesAsync<T>(@namespace, options, deadline).ConfigureAwait(false);
            }
            catch (ContinueExpiredException)
            {
                // The pages no longer belong together: the whole list at once, from now.
                options = options with { Limit = 0, ResourceVersion = "" };
            }
        }
    }

    private async Task<KubernetesList<T>> ListPagesAsync<T>(string? @namespace, ListOptions options, Deadline deadline)
        where T : class, IKubernetesObject
    {
        var items = new List<T>();
        string? token = null;
        while (true)
        {
            var request = new KubernetesRequest(HttpMethod.Get, KubernetesRequest.WithQuery(
                ResourceType<T>.CollectionPath(@namespace),
                ("limit", options.Limit > 0 ? options.Limit.ToString(CultureInfo.InvariantCulture) : null),
                ("continue", token),
                ("resourceVersion", token is null ? options.ResourceVersion : null),
                ("labelSelector", options.LabelSelector),
                ("fieldSelector", options.FieldSelector)));
            try
            {
                var body = await caller.SendAsync(request, deadline).ConfigureAwait(false);
                (var version, token) = KubernetesCaller.Parse(request, () => ListReader.Read(body, caller.Json.TypeInfo<T>(), items));
                if (token is null)
                    return new KubernetesList<T>(items, version);
            }
            catch (KubernetesApiException e) when (e.IsExpired && token is not null)
            {
                throw new ContinueExpiredException(e);
            }
        }
    }

    private sealed class ContinueExpiredException(Exception inner) : Exception("The continue token expired.", inner);
}
