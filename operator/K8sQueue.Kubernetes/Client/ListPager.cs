using System.Globalization;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Serialization;

namespace K8sQueue.Kubernetes.Client;

/// <summary>Follows the pages of a list to their end.</summary>
internal sealed class ListPager(KubernetesCaller caller, TimeSpan timeout)
{
    /// <param name="transform">What is kept of each object, as it is read; null for all of it.</param>
    public async Task<KubernetesList<T>> ListAsync<T>(
        string? @namespace, ListOptions options, Func<T, T>? transform, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        using var deadline = new Deadline(timeout, caller.Time, cancellationToken);
        while (true)
        {
            try
            {
                return await ListPagesAsync(@namespace, options, transform, deadline).ConfigureAwait(false);
            }
            catch (ContinueExpiredException)
            {
                // The pages no longer belong together: the whole list at once, from now.
                options = options with { Limit = 0, ResourceVersion = "" };
            }
        }
    }

    private async Task<KubernetesList<T>> ListPagesAsync<T>(
        string? @namespace, ListOptions options, Func<T, T>? transform, Deadline deadline)
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
                (var version, token) = await ReadPageAsync(request, transform, items, deadline).ConfigureAwait(false);
                if (token is null)
                    return new KubernetesList<T>(items, version);
            }
            catch (KubernetesApiException e) when (e.IsExpired && token is not null)
            {
                throw new ContinueExpiredException(e);
            }
        }
    }

    // A connection that breaks in a page's middle is a GET that broke: the page is read once more, and only then given up.
    private async Task<(string ResourceVersion, string? Continue)> ReadPageAsync<T>(
        KubernetesRequest request, Func<T, T>? transform, List<T> items, Deadline deadline)
        where T : class, IKubernetesObject
    {
        var before = items.Count;
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await caller.ReadAsync(
                    request, deadline, body => ListReader.ReadAsync(body, caller.Json.TypeInfo<T>(), transform, items, deadline.Token)).ConfigureAwait(false);
            }
            catch (KubernetesApiException e) when (attempt == 0 && e.InnerException is IOException)
            {
                items.RemoveRange(before, items.Count - before);
            }
        }
    }

    private sealed class ContinueExpiredException(Exception inner) : Exception("The continue token expired.", inner);
}
