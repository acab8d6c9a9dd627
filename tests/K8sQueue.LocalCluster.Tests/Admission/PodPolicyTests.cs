using K8sQueue.LocalCluster.Tests.Kubectl;

namespace K8sQueue.LocalCluster.Tests.Admission;

/// <summary>The policy of deploy/operator for pods, in force.</summary>
public sealed class PodPolicyTests(KubectlCluster cluster) : IClassFixture<KubectlCluster>, IAsyncLifetime
{
    private const string RemoveGate = """[{"op": "remove", "path": "/spec/schedulingGates/0"}]""";
    private const string Gate = "k8squeue.io/connections";
    private const string OfRevision = "k8squeue.io/pool: p, k8squeue.io/revision: abc, pod-template-hash: x1";

    private string _token = "";

    public async Task InitializeAsync() => _token = await OperatorManifests.InstallAsync(cluster);

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Only_the_operator_takes_the_gate_off()
    {
        var space = await cluster.NewNamespaceAsync();
        await cluster.OkAsync(space, "apply", "-f", cluster.Write(Pod("a", Gate)));

        var error = await cluster.FailAsync(space, "patch", "pod", "a", "--type=json", "-p", RemoveGate);

        error.Should().Contain("only the K8sQueue operator takes the gate k8squeue.io/connections off");
        await cluster.OkAsync(space, "--token", _token, "patch", "pod", "a", "--type=json", "-p", RemoveGate);
        (await cluster.OkAsync(space, "get", "pod", "a", "-o", "jsonpath={.spec.schedulingGates}")).Should().NotContain("connections");
    }

    [Fact]
    public async Task A_second_operator_is_named_in_the_policy()
    {
        var space = await cluster.NewNamespaceAsync();
        await cluster.OkAsync(space, "create", "serviceaccount", "operator");
        await cluster.OkAsync(space, "create", "clusterrolebinding", $"{space}-operator", "--clusterrole=k8squeue-operator", $"--serviceaccount={space}:operator");
        var token = (await cluster.OkAsync(space, "create", "token", "operator")).Trim();
        await cluster.OkAsync(space, "apply", "-f", cluster.Write(Pod("a", Gate)));
        (await cluster.FailAsync(space, "--token", token, "patch", "pod", "a", "--type=json", "-p", RemoveGate)).Should().Contain("only the K8sQueue operator");

        var both = $"['system:serviceaccount:k8squeue-system:k8squeue-operator', 'system:serviceaccount:{space}:operator']";
        await cluster.OkAsync(space, "patch", "validatingadmissionpolicy", "k8squeue-connections", "--type=json", "-p",
            $$"""[{"op": "replace", "path": "/spec/variables/0/expression", "value": "{{both}}"}]""");

        await cluster.OkAsync(space, "--token", token, "patch", "pod", "a", "--type=json", "-p", RemoveGate);
        await cluster.OkAsync(space, "apply", "-f", cluster.Write(Pod("b", Gate)));
        await cluster.OkAsync(space, "--token", _token, "patch", "pod", "b", "--type=json", "-p", RemoveGate);
    }

    [Fact]
    public async Task A_charged_pod_is_made_with_the_gate_and_its_charge_stays()
    {
        var space = await cluster.NewNamespaceAsync();

        (await cluster.FailAsync(space, "apply", "-f", cluster.Write(Pod("a", "example.com/other"))))
            .Should().Contain("is made with the scheduling gate k8squeue.io/connections");
        await cluster.OkAsync(space, "apply", "-f", cluster.Write(Pod("a", Gate)));
        (await cluster.FailAsync(space, "annotate", "--overwrite", "pod", "a", "k8squeue.io/charges={}")).Should().Contain("never changes");
        (await cluster.FailAsync(space, "annotate", "pod", "a", "k8squeue.io/charges-")).Should().Contain("never changes");
        await cluster.OkAsync(space, "annotate", "pod", "a", "example.com/note=fine");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{apiVersion: apps/v1, kind: ReplicaSet, name: p-abc-x1, uid: u}")]
    [InlineData("{apiVersion: apps/v1, kind: ReplicaSet, name: p-abc-x2, uid: u, controller: true}")]
    [InlineData("{apiVersion: apps/v1, kind: DaemonSet, name: p-abc-x1, uid: u, controller: true}")]
    public async Task A_pod_with_the_labels_of_a_revision_that_its_ReplicaSet_did_not_make_is_refused_gated_or_not(string owner)
    {
        var space = await cluster.NewNamespaceAsync();

        foreach (var gate in (string[])[Gate, "example.com/other"])
        {
            (await cluster.FailAsync(space, "apply", "-f", cluster.Write(Pod("copy", gate, OfRevision, "k8squeue.io/note", owner))))
                .Should().Contain("a pod of a revision is made by its ReplicaSet");
        }
    }

    [Fact]
    public async Task What_its_ReplicaSet_makes_is_a_pod_of_the_revision()
    {
        var space = await cluster.NewNamespaceAsync();

        await cluster.OkAsync(space, "apply", "-f", cluster.Write(
            Pod("a", Gate, OfRevision, owner: "{apiVersion: apps/v1, kind: ReplicaSet, name: p-abc-x1, uid: u, controller: true}")));
    }

    [Fact]
    public async Task A_pod_leaves_its_pool_once_it_has_its_connections_and_never_joins_one()
    {
        var space = await cluster.NewNamespaceAsync();
        await cluster.OkAsync(space, "apply", "-f", cluster.Write(Pod("a", Gate)));
        await cluster.OkAsync(space, "run", "other", "--image=one");

        (await cluster.FailAsync(space, "label", "pod", "a", "k8squeue.io/pool-")).Should().Contain("stays while the pod waits for connections");
        (await cluster.FailAsync(space, "label", "pod", "a", "k8squeue.io/revision=abc")).Should().Contain("a pod never joins a pool or a revision");
        (await cluster.FailAsync(space, "label", "pod", "other", "k8squeue.io/pool=p")).Should().Contain("a pod never joins a pool or a revision");
        await cluster.OkAsync(space, "--token", _token, "patch", "pod", "a", "--type=json", "-p", RemoveGate);
        (await cluster.FailAsync(space, "label", "--overwrite", "pod", "a", "k8squeue.io/pool=q")).Should().Contain("a pod never joins a pool or a revision");
        await cluster.OkAsync(space, "label", "pod", "a", "k8squeue.io/pool-");
        (await cluster.FailAsync(space, "label", "pod", "a", "k8squeue.io/pool=p")).Should().Contain("a pod never joins a pool or a revision");
        await cluster.OkAsync(space, "label", "pod", "other", "k8squeue.io/revision=of-no-pool");
    }

    private static string Pod(
        string name, string gate, string labels = "k8squeue.io/pool: p", string annotation = "k8squeue.io/charges", string owner = "") => $$"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: {{name}}
          labels: { {{labels}} }
          annotations: { {{annotation}}: '{"db":2}' }
          ownerReferences: [{{owner}}]
        spec:
          schedulingGates: [{name: {{gate}}}]
          containers: [{name: worker, image: worker}]
        """;
}
