using K8sQueue.LocalCluster.Tests.Admission;
using K8sQueue.LocalCluster.Tests.Kubectl;

namespace K8sQueue.LocalCluster.Tests.Access;

/// <summary>The rights of deploy/operator, in force.</summary>
public sealed class OperatorAccessTests(KubectlCluster cluster) : IClassFixture<KubectlCluster>, IAsyncLifetime
{
    private string _token = "";

    public async Task InitializeAsync() => _token = await OperatorManifests.InstallAsync(cluster);

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("list", "pods", "yes")]
    [InlineData("patch", "deployments.apps", "yes")]
    [InlineData("get", "secrets", "yes")]
    [InlineData("list", "secrets", "no")]
    [InlineData("watch", "secrets", "no")]
    [InlineData("delete", "namespaces", "no")]
    [InlineData("create", "clusterrolebindings.rbac.authorization.k8s.io", "no")]
    public async Task The_operator_may_do_what_its_role_lists_and_nothing_else(string verb, string resource, string expected)
    {
        var (_, output, error) = await cluster.RunAsync("default", "--token", _token, "auth", "can-i", verb, resource);

        output.Trim().Should().Be(expected, error);
    }

    [Fact]
    public async Task A_refusal_names_who_what_and_where()
    {
        var space = await cluster.NewNamespaceAsync();

        var error = await cluster.FailAsync(space, "--token", _token, "get", "secrets");

        error.Should().Contain("secrets is forbidden: User \"system:serviceaccount:k8squeue-system:k8squeue-operator\" cannot list resource \"secrets\"")
            .And.Contain($"in the namespace \"{space}\"");
    }

    [Fact]
    public async Task A_role_of_a_namespace_allows_nothing_elsewhere()
    {
        var (mine, other) = (await cluster.NewNamespaceAsync(), await cluster.NewNamespaceAsync());
        await cluster.OkAsync(mine, "create", "serviceaccount", "reader");
        await cluster.OkAsync(mine, "create", "role", "reader", "--verb=get,list", "--resource=pods");
        await cluster.OkAsync(mine, "create", "rolebinding", "reader", "--role=reader", $"--serviceaccount={mine}:reader");
        var token = (await cluster.OkAsync(mine, "create", "token", "reader")).Trim();

        await cluster.OkAsync(mine, "--token", token, "get", "pods");
        (await cluster.FailAsync(other, "--token", token, "get", "pods")).Should().Contain("Forbidden");
        (await cluster.FailAsync(mine, "--token", token, "delete", "pod", "a")).Should().Contain("Forbidden");
    }
}
