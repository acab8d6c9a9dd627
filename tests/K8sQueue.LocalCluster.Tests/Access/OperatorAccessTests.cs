using K8sQueue.LocalCluster.Tests.Kubectl;
using K8sQueue.Testing;

namespace K8sQueue.LocalCluster.Tests.Access;

/// <summary>The manifests of deploy/operator, in force.</summary>
public sealed class OperatorAccessTests(KubectlCluster cluster) : IClassFixture<KubectlCluster>, IAsyncLifetime
{
    private const string RemoveGate = """[{"op": "remove", "path": "/spec/schedulingGates/0"}]""";

    private string _token = "";

    public async Task InitializeAsync()
    {
        await cluster.OkAsync("k8squeue-system", "apply", "-f", Path.Combine(RepositoryFolder.Root, "deploy", "operator"));
        _token = (await cluster.OkAsync("k8squeue-system", "create", "token", "k8squeue-operator")).Trim();
    }

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

    [Fact]
    public async Task Only_the_operator_takes_the_gate_off()
    {
        var space = await cluster.NewNamespaceAsync();
        await cluster.OkAsync(space, "apply", "-f", cluster.Write(Pod("a", "k8squeue.io/connections")));

        var error = await cluster.FailAsync(space, "patch", "pod", "a", "--type=json", "-p", RemoveGate);

        error.Should().Contain("only the K8sQueue operator takes the gate k8squeue.io/connections off");
        await cluster.OkAsync(space, "--token", _token, "patch", "pod", "a", "--type=json", "-p", RemoveGate);
        (await cluster.OkAsync(space, "get", "pod", "a", "-o", "jsonpath={.spec.schedulingGates}")).Should().NotContain("connections");
    }

    [Fact]
    public async Task A_charged_pod_is_made_with_the_gate_and_its_charge_stays()
    {
        var space = await cluster.NewNamespaceAsync();

        (await cluster.FailAsync(space, "apply", "-f", cluster.Write(Pod("a", "example.com/other"))))
            .Should().Contain("is made with the scheduling gate k8squeue.io/connections");
        await cluster.OkAsync(space, "apply", "-f", cluster.Write(Pod("a", "k8squeue.io/connections")));
        (await cluster.FailAsync(space, "annotate", "--overwrite", "pod", "a", "k8squeue.io/charges={}")).Should().Contain("never changes");
        (await cluster.FailAsync(space, "annotate", "pod", "a", "k8squeue.io/charges-")).Should().Contain("never changes");
        await cluster.OkAsync(space, "annotate", "pod", "a", "example.com/note=fine");
    }

    [Fact]
    public async Task A_revisions_template_is_nobodys_to_change()
    {
        var space = await cluster.NewNamespaceAsync();
        await cluster.OkAsync(space, "create", "deployment", "other", "--image=one");
        await cluster.OkAsync(space, "set", "image", "deployment/other", "one=two");
        await cluster.OkAsync(space, "create", "deployment", "revision", "--image=one");
        await cluster.OkAsync(space, "label", "deployment", "revision", "k8squeue.io/pool=p");

        (await cluster.FailAsync(space, "set", "image", "deployment/revision", "one=two")).Should().Contain("the template of a revision never changes");
        (await cluster.FailAsync(space, "--token", _token, "patch", "deployment", "revision", "--type=merge", "-p",
            """{"spec":{"template":{"metadata":{"labels":{"a":"b"}}}}}""")).Should().Contain("never changes");
        await cluster.OkAsync(space, "--token", _token, "patch", "deployment", "revision", "--type=merge", "-p", """{"spec":{"replicas":2}}""");
    }

    private static string Pod(string name, string gate) => $$"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: {{name}}
          labels: {k8squeue.io/pool: p}
          annotations: {k8squeue.io/charges: '{"db":2}'}
        spec:
          schedulingGates: [{name: {{gate}}}]
          containers: [{name: worker, image: worker}]
        """;
}
