using K8sQueue.Chart.Tests.Support;
using K8sQueue.Testing;

namespace K8sQueue.Chart.Tests;

/// <summary>What a cluster says to releases of the chart, by the real helm.</summary>
public sealed class ReleaseTests(ChartCluster cluster) : IClassFixture<ChartCluster>, IAsyncLifetime
{
    private const string Pool = """
        workerPools:
          emails:
            spec:
              queues: [{name: emails, jobsPerReplica: 20, k8squeue: {redis: {address: "redis:6379"}}}]
              scaling: {SCALING}
              template: {spec: {containers: [{name: worker, image: "a:1"}]}}
        """;

    public async Task InitializeAsync() => (await DeployAsync("{}")).Succeeded();

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("maxReplicas: 10, maxReplica: 50", ".spec.scaling.maxReplica: field not declared in schema")]
    [InlineData("maxReplicas: 10, minReplicas: 20", "minReplicas must not be above maxReplicas")]
    [InlineData("maxReplicas: many", "maxReplicas")]
    public async Task A_pool_that_is_wrong_is_refused_by_name(string scaling, string because)
    {
        (await DeployAsync(Pool.Replace("SCALING", scaling, StringComparison.Ordinal))).Failed().Should().Contain(because);

        (await cluster.KubectlAsync("get", "workerpools", "-A", "-o", "name")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_second_release_is_told_what_the_first_one_has() =>
        (await DeployAsync("{}", "second")).Failed().Should().Contain("exists and cannot be imported into the current release");

    [Fact]
    public async Task A_second_operator_for_some_namespaces_stands_beside_the_first()
    {
        await cluster.EnsureNamespacesAsync("team-a", "shop");

        (await DeployAsync("{crds: {enabled: false}, admissionPolicy: {enabled: false}, operator: {watchNamespaces: [shop]}}", "mine", "team-a")).Succeeded();

        (await cluster.HelmAsync("uninstall", "mine", "-n", "team-a")).Succeeded();
        (await cluster.KubectlAsync("get", "deployments", "-A", "-o", "name")).Trim().Should().Be("deployment.apps/k8squeue-operator");
    }

    [Fact]
    public async Task Definitions_that_were_applied_by_hand_can_be_taken_over()
    {
        var other = new ChartCluster();
        await other.InitializeAsync();
        await other.KubectlAsync("apply", "--server-side", "-f", Path.Combine(RepositoryFolder.Root, "deploy", "install.yaml"));

        (await other.HelmAsync("install", Helm.Release, Helm.Chart, "-n", "k8squeue-system", "--take-ownership", "--force-conflicts")).Succeeded();

        await other.DisposeAsync();
    }

    /// <summary>Installs a release, or upgrades it.</summary>
    private async Task<Command> DeployAsync(string values, string release = Helm.Release, string @namespace = "k8squeue-system")
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, values);
        var command = await cluster.HelmAsync("upgrade", "--install", release, Helm.Chart, "-n", @namespace, "--create-namespace", "-f", file);
        File.Delete(file);
        return command;
    }
}
