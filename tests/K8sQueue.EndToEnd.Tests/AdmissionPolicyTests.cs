using K8sQueue.Quickstart.Processes;

namespace K8sQueue.EndToEnd.Tests;

/// <summary>What the policies of deploy/operator keep from everybody, the administrator of the cluster included, and what they let the operator do.</summary>
[Collection(EndToEndGroup.Name)]
public sealed class AdmissionPolicyTests(EndToEndEnvironment environment)
{
    private const string RemoveGate = """[{"op": "remove", "path": "/spec/schedulingGates/0"}]""";

    [Fact]
    public async Task Nobody_else_grants_connections()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        // Of no revision that there is: the operator leaves it gated.
        await ApplyAsync(PodYaml("gated", gates: "[{name: k8squeue.io/connections}]"));

        await DeniedAsync(() => PatchAsync("gated", RemoveGate), "only the K8sQueue operator takes the gate k8squeue.io/connections off");
        await DeniedAsync(
            () => PatchAsync("gated", """[{"op": "replace", "path": "/metadata/annotations/k8squeue.io~1charges", "value": "{\"db\":1}"}]"""),
            "the annotation k8squeue.io/charges never changes");
        await DeniedAsync(
            () => PatchAsync("gated", """[{"op": "remove", "path": "/metadata/annotations"}]"""), "the annotation k8squeue.io/charges never changes");
        await DeniedAsync(
            () => PatchAsync("gated", """[{"op": "remove", "path": "/metadata/labels"}]"""), "the label k8squeue.io/pool stays while the pod waits");
        await DeniedAsync(
            () => PatchAsync("gated", """[{"op": "replace", "path": "/metadata/labels/k8squeue.io~1pool", "value": "other"}]"""),
            "the label k8squeue.io/pool stays while the pod waits");
        await DeniedAsync(() => ApplyAsync(PodYaml("ungated", gates: "[]")), "is made with the scheduling gate k8squeue.io/connections");

        // What is nobody's harm is nobody's business.
        await PatchAsync("gated", """[{"op": "add", "path": "/metadata/labels/team", "value": "shop"}]""");
        await ApplyAsync(PodYaml("uncharged", gates: "[]").Replace("k8squeue.io/charges", "example.com/note", StringComparison.Ordinal));
        await space.Kubectl.RunAsync(["delete", "pod", "gated", "uncharged", "--grace-period=0", "--force"]);

        Task<string> ApplyAsync(string yaml) => space.Kubectl.ApplyAsync(yaml);
        Task<string> PatchAsync(string pod, string patch) => space.Kubectl.RunAsync(["patch", "pod", pod, "--type=json", "-p", patch]);
    }

    [Fact]
    public async Task The_operator_grants_and_nobody_changes_the_revision_that_it_made()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        await space.CreateSecretAsync();
        await space.CreateBudgetAsync(capacity: 12);
        var pool = $"policy-{space.Name}";
        await space.Kubectl.ApplyAsync(space.PoolYaml(pool, minReplicas: 1));
        await space.WaitForPoolAsync(pool, status => status.ReadyReplicas == 1, "a worker whose gate the operator took off");
        var deployment = await space.Kubectl.RunAsync(["get", "deployments", "-l", $"k8squeue.io/pool={pool}", "-o", "name"]);

        await DeniedAsync(
            () => space.Kubectl.RunAsync(["set", "env", deployment.Trim(), "K8SQUEUE_CONCURRENCY=99"]), "the template of a revision never changes");
        await DeniedAsync(
            () => space.Kubectl.RunAsync(["patch", deployment.Trim(), "--type=json", "-p", """[{"op": "remove", "path": "/spec/template/spec/schedulingGates"}]"""]),
            "the template of a revision never changes");
        await DeniedAsync(
            () => space.Kubectl.RunAsync(["rollout", "restart", deployment.Trim()]), "the template of a revision never changes");

        await space.Kubectl.RunAsync(["annotate", deployment.Trim(), "example.com/note=seen"]);
        (await space.PoolAsync(pool)).Status!.ReadyReplicas.Should().Be(1);
    }

    private static async Task DeniedAsync(Func<Task<string>> attempt, string message) =>
        (await attempt.Should().ThrowAsync<KubectlException>()).Which.Message.Should().Contain("ValidatingAdmissionPolicy").And.Contain(message);

    private static string PodYaml(string name, string gates) =>
        $$$"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: {{{name}}}
          labels: {k8squeue.io/pool: nobodys}
          annotations: {k8squeue.io/charges: '{"db":4}'}
        spec:
          schedulingGates: {{{gates}}}
          terminationGracePeriodSeconds: 0
          containers:
          - {name: worker, image: {{{EndToEndEnvironment.WorkerImage}}}, imagePullPolicy: IfNotPresent}
        """;
}
