using K8sQueue.Api.Validation;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Api.Cluster;

/// <summary>A page of a list that is sorted by namespace and name. Pure.</summary>
internal static class ClusterPaging
{
    /// <param name="items">The list, sorted.</param>
    /// <param name="namespace">The only namespace that counts; null for all.</param>
    /// <param name="after"><c>NAMESPACE/NAME</c> of the last one before the page; null for the first page.</param>
    /// <param name="limit">How many there may be.</param>
    /// <returns>The page, and what to give as <paramref name="after"/> for the next one; null where this is the last.</returns>
    /// <exception cref="Problems.ProblemException">The limit is out of its range.</exception>
    public static (IReadOnlyList<T> Page, string? Next) Page<T>(IReadOnlyList<T> items, string? @namespace, string? after, string? limit)
        where T : IKubernetesObject
    {
        var size = Parameters.RequireRange("limit", limit, 1, ApiLimits.MaxPageSize, ApiLimits.MaxPageSize);
        var (afterNamespace, afterName) = after?.Split('/', 2) is [var first, var second] ? (first, second) : (after ?? "", "");
        var page = items
            .Where(item => string.IsNullOrEmpty(@namespace) || item.Metadata.Namespace == @namespace)
            .SkipWhile(item => after is not null && Compare(item, afterNamespace, afterName) <= 0)
            .Take(size + 1).ToList();
        if (page.Count <= size)
            return (page, null);
        page.RemoveAt(size);
        return (page, $"{page[^1].Metadata.Namespace}/{page[^1].Metadata.Name}");
    }

    private static int Compare(IKubernetesObject item, string @namespace, string name) =>
        string.CompareOrdinal(item.Metadata.Namespace, @namespace) is var byNamespace and not 0 ? byNamespace : string.CompareOrdinal(item.Metadata.Name, name);
}
