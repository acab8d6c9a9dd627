using K8sQueue.Testing;

namespace K8sQueue.Chart.Tests.Support;

/// <summary>
/// The API server that is asked what it would take: that of <c>K8SQUEUE_E2E_KUBECONFIG</c>, or LocalCluster. The definitions of crds/ are
/// applied and stay; the namespaces and the PodMonitor's definition are made where they are missing, and only these go again.
/// </summary>
public sealed class DryRunCluster : IAsyncLifetime
{
    private static readonly string[] Needed =
        [.. ((string[])["k8squeue-system", "shop", "billing", "123", "2024"]).Select(name => $"namespace/{name}"), "crd/podmonitors.monitoring.coreos.com"];

    private readonly ChartCluster _cluster =
        Environment.GetEnvironmentVariable("K8SQUEUE_E2E_KUBECONFIG") is { Length: > 0 } kubeconfig ? new ChartCluster(kubeconfig) : new ChartCluster();

    private readonly List<string> _made = [];

    public async Task InitializeAsync()
    {
        await _cluster.InitializeAsync();
        await _cluster.KubectlAsync("apply", "--server-side", "--force-conflicts", "-f", Path.Combine(RepositoryFolder.Root, "crds"));
        foreach (var needed in Needed)
        {
            if ((await _cluster.KubectlAsync("get", needed, "-o", "name", "--ignore-not-found")).Length > 0)
                continue;
            _made.Add(needed);
            await _cluster.ApplyAsync(needed.StartsWith("crd/", StringComparison.Ordinal) ? PodMonitorDefinition.Yaml : RestrictedNamespace(Path.GetFileName(needed)));
        }
    }

    public async Task DisposeAsync()
    {
        if (_made.Count > 0)
            await _cluster.KubectlAsync(["delete", "--wait=false", .. _made]);
        await _cluster.DisposeAsync();
    }

    /// <summary>Fails where the server would refuse an object, does not know a field, or warns.</summary>
    public Task AcceptsAsync(params string[] arguments) =>
        _cluster.KubectlAsync(["apply", "--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict", "--warnings-as-errors", .. arguments]);

    /// <inheritdoc cref="AcceptsAsync"/>
    public Task AcceptsYamlAsync(string yaml) => _cluster.ApplyAsync(yaml, "--dry-run=server", "--warnings-as-errors");

    // A Deployment is never refused for its pods, but warned of.
    private static string RestrictedNamespace(string name) => $$"""
        apiVersion: v1
        kind: Namespace
        metadata:
          name: "{{name}}"
          labels: {pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/warn: restricted}
        """;
}
