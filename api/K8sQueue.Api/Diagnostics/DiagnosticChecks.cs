using K8sQueue.Api.Diagnostics.Checks;

namespace K8sQueue.Api.Diagnostics;

/// <summary>Every check, in the order in which they are shown and documented.</summary>
internal static class DiagnosticChecks
{
    public static readonly IReadOnlyList<DiagnosticCheck> All =
        [.. RedisChecks.All, .. RedisLoadChecks.All, .. QueueChecks.All, .. ConsumerChecks.All, .. DependencyChecks.All, .. ClusterChecks.All];
}
