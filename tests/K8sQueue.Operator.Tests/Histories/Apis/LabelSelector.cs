using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Tests.Histories.Apis;

/// <summary>The selectors that the operator uses: <c>key</c> and <c>key=value</c>, with commas between them.</summary>
internal static class LabelSelector
{
    public static bool Matches(IKubernetesObject value, string? selector) =>
        string.IsNullOrEmpty(selector) || selector.Split(',').All(part => part.Split('=') is [var key, var wanted]
            ? value.Label(key) == wanted
            : value.Label(part) is not null);
}
