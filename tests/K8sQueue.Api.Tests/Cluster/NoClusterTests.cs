using System.Net;
using K8sQueue.Api.Hosting;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Cluster;

/// <summary>An API without a cluster, or with one that can't be read.</summary>
public sealed class NoClusterTests
{
    public static TheoryData<string> Paths =>
        ["/v1/pools", "/v1/pools/shop/emails", "/v1/pools/shop/emails/pods", "/v1/budgets", "/v1/budgets/shop/orders-db"];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Without_one_it_says_how_to_give_it_one(string path)
    {
        await using var api = new TestApi(("KUBECONFIG", ""));
        var response = await api.Client().GetAsync(path);
        response.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await response.ShouldBeProblemAsync("no-cluster")).GetProperty("detail").GetString().Should().Contain("set KUBECONFIG").And.Contain("api.cluster.enabled");
    }

    [Fact]
    public async Task Switched_off_it_says_by_what()
    {
        await using var api = new TestApi(("KUBECONFIG", "/tmp/none"), ("K8SQUEUE_CLUSTER", "off"));
        (await (await api.Client().GetAsync("/v1/pools")).ShouldBeProblemAsync("no-cluster"))
            .GetProperty("detail").GetString().Should().Contain("K8SQUEUE_CLUSTER is off");
    }

    [Fact]
    public void Another_value_of_the_setting_is_refused()
    {
        var build = () => ApiHost.Build(["--K8SQUEUE_REDIS_ADDRESS=127.0.0.1:1", "--K8SQUEUE_API_ANONYMOUS=true", "--K8SQUEUE_CLUSTER=on"]);
        build.Should().Throw<ApiConfigurationException>().WithMessage("K8SQUEUE_CLUSTER must be auto or off, not 'on'.");
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task A_cluster_that_is_down_is_503_with_Retry_After(string path)
    {
        using var kubeconfig = new Kubeconfig(FreePort.Next());
        await using var api = new TestApi(("KUBECONFIG", kubeconfig.Path));
        var response = await api.Client().GetAsync(path);
        response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(5));
        var problem = await response.ShouldBeProblemAsync("cluster-unavailable");
        problem.GetProperty("detail").GetString().Should().Contain("does not answer").And.NotContain("hunter2");
    }

    [Fact]
    public async Task A_kubeconfig_that_is_not_there_yet_is_read_once_it_is()
    {
        using var kubeconfig = new Kubeconfig(FreePort.Next());
        var path = kubeconfig.Path + "-later";
        await using var api = new TestApi(("KUBECONFIG", path));
        (await (await api.Client().GetAsync("/v1/pools")).ShouldBeProblemAsync("cluster-unavailable"))
            .GetProperty("detail").GetString().Should().Contain(path);

        File.Copy(kubeconfig.Path, path);
        await Eventually.Passes(async () => (await (await api.Client().GetAsync("/v1/pools")).ShouldBeProblemAsync("cluster-unavailable"))
            .GetProperty("detail").GetString().Should().Contain("does not answer"));
        File.Delete(path);
    }

    /// <summary>A kubeconfig of a server that is not there.</summary>
    private sealed class Kubeconfig : IDisposable
    {
        public Kubeconfig(int port) => File.WriteAllText(Path, $$$"""
            apiVersion: v1
            kind: Config
            current-context: here
            clusters: [{name: here, cluster: {server: "http://127.0.0.1:{{{port}}}"}}]
            users: [{name: me, user: {token: hunter2}}]
            contexts: [{name: here, context: {cluster: here, user: me}}]
            """);

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
