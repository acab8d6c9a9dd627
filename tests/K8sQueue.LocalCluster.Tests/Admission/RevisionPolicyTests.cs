using K8sQueue.LocalCluster.Tests.Kubectl;

namespace K8sQueue.LocalCluster.Tests.Admission;

/// <summary>The policies of deploy/operator for Deployments and their ReplicaSets, in force.</summary>
public sealed class RevisionPolicyTests(KubectlCluster cluster) : IClassFixture<KubectlCluster>, IAsyncLifetime
{
    private const string Ungate = """[{"op": "remove", "path": "/spec/template/spec/schedulingGates"}]""";
    private const string Uncharge = """[{"op": "remove", "path": "/spec/template/metadata/annotations/k8squeue.io~1charges"}]""";
    private const string TemplateStays = "the template of a revision never changes";
    private const string LabelsStay = "the labels k8squeue.io/pool and k8squeue.io/revision of Deployments and ReplicaSets never change";

    private string _token = "";

    public async Task InitializeAsync() => _token = await OperatorManifests.InstallAsync(cluster);

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task The_template_of_a_Deployment_is_nobodys_to_change()
    {
        var space = await WithRevisionAsync();

        (await cluster.FailAsync(space, "set", "image", "deployment/p-abc", "worker=two")).Should().Contain(TemplateStays);
        (await cluster.FailAsync(space, "rollout", "restart", "deployment/p-abc")).Should().Contain(TemplateStays);
        (await cluster.FailAsync(space, "patch", "deployment", "p-abc", "--type=json", "-p", Ungate)).Should().Contain(TemplateStays);
        (await cluster.FailAsync(space, "--token", _token, "patch", "deployment", "p-abc", "--type=json", "-p", Uncharge)).Should().Contain(TemplateStays);
        await cluster.OkAsync(space, "--token", _token, "patch", "deployment", "p-abc", "--type=merge", "-p", """{"spec":{"replicas":2}}""");
    }

    [Fact]
    public async Task The_template_of_a_ReplicaSet_is_nobodys_to_change()
    {
        var space = await WithRevisionAsync();

        (await cluster.FailAsync(space, "patch", "replicaset", "p-abc-x1", "--type=json", "-p", Ungate)).Should().Contain(TemplateStays);
        (await cluster.FailAsync(space, "patch", "replicaset", "p-abc-x1", "--type=json", "-p", Uncharge)).Should().Contain(TemplateStays);

        // What a Deployment's controller writes.
        await cluster.OkAsync(space, "patch", "replicaset", "p-abc-x1", "--type=merge", "-p",
            """{"metadata":{"annotations":{"deployment.kubernetes.io/desired-replicas":"3"}},"spec":{"replicas":3,"minReadySeconds":5}}""");
    }

    [Theory]
    [InlineData("deployment", "p-abc")]
    [InlineData("replicaset", "p-abc-x1")]
    public async Task The_labels_that_the_policies_look_for_stay(string kind, string name)
    {
        var space = await WithRevisionAsync();

        foreach (var change in (string[])["k8squeue.io/pool-", "k8squeue.io/revision-", "k8squeue.io/pool=q", "k8squeue.io/revision=def"])
            (await cluster.FailAsync(space, "label", "--overwrite", kind, name, change)).Should().Contain(LabelsStay);
        (await cluster.FailAsync(space, "label", kind, name, "k8squeue.io/pool-", "k8squeue.io/revision-")).Should().Contain(LabelsStay);
        (await cluster.FailAsync(space, "patch", kind, name, "--type=json", "-p", """[{"op": "remove", "path": "/metadata/labels"}]""")).Should().Contain(LabelsStay);
        await cluster.OkAsync(space, "label", kind, name, "team=shop");
    }

    [Fact]
    public async Task Only_the_operator_makes_the_Deployment_of_a_revision()
    {
        var space = await WithRevisionAsync();
        var copy = cluster.Write(Workload("Deployment", "p-abc-copy"));

        (await cluster.FailAsync(space, "apply", "-f", copy)).Should().Contain("only the K8sQueue operator makes the Deployment of a revision");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{apiVersion: apps/v1, kind: Deployment, name: p-abc, uid: u}")]
    [InlineData("{apiVersion: apps/v1, kind: Deployment, name: p-abc-copy, uid: u, controller: true}")]
    public async Task A_ReplicaSet_of_a_revision_that_its_Deployment_did_not_make_is_refused(string owner)
    {
        var space = await WithRevisionAsync();

        (await cluster.FailAsync(space, "apply", "-f", cluster.Write(Workload("ReplicaSet", "copy", owner))))
            .Should().Contain("the ReplicaSet of a revision is made for its Deployment");
    }

    [Fact]
    public async Task Other_workloads_are_not_looked_at_and_do_not_become_revisions()
    {
        var space = await cluster.NewNamespaceAsync();
        await cluster.OkAsync(space, "create", "deployment", "other", "--image=one");

        await cluster.OkAsync(space, "label", "deployment", "other", "k8squeue.io/pool=p");
        await cluster.OkAsync(space, "set", "image", "deployment/other", "one=two");
        (await cluster.FailAsync(space, "label", "deployment", "other", "k8squeue.io/revision=abc")).Should().Contain(LabelsStay);
        await cluster.OkAsync(space, "label", "deployment", "other", "k8squeue.io/pool-");
    }

    /// <summary>A namespace with a Deployment that the operator made, and the ReplicaSet that its controller would make.</summary>
    private async Task<string> WithRevisionAsync()
    {
        var space = await cluster.NewNamespaceAsync();
        await cluster.OkAsync(space, "--token", _token, "create", "-f", cluster.Write(Workload("Deployment", "p-abc")));
        var uid = await cluster.OkAsync(space, "get", "deployment", "p-abc", "-o", "jsonpath={.metadata.uid}");
        await cluster.OkAsync(space, "create", "-f", cluster.Write(
            Workload("ReplicaSet", "p-abc-x1", $"{{apiVersion: apps/v1, kind: Deployment, name: p-abc, uid: {uid}, controller: true}}")));
        return space;
    }

    private static string Workload(string kind, string name, string owner = "") => $$"""
        apiVersion: apps/v1
        kind: {{kind}}
        metadata:
          name: {{name}}
          labels: {k8squeue.io/pool: p, k8squeue.io/revision: abc}
          ownerReferences: [{{owner}}]
        spec:
          selector:
            matchLabels: {k8squeue.io/pool: p, k8squeue.io/revision: abc}
          template:
            metadata:
              labels: {k8squeue.io/pool: p, k8squeue.io/revision: abc}
              annotations: {k8squeue.io/charges: '{"db":2}', example.com/note: kept}
            spec:
              schedulingGates: [{name: k8squeue.io/connections}]
              containers: [{name: worker, image: one}]
        """;
}
