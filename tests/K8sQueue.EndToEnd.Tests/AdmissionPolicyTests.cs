using System.Text.Json.Nodes;
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
        var pool = await StartWorkerAsync(space);
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

    [Fact]
    public async Task Nobody_gets_a_worker_past_the_gate_by_the_ReplicaSet_by_labels_or_by_a_copy()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        var pool = await StartWorkerAsync(space);
        var (deployment, replicaSet, pod) = (await OnlyAsync("deployments"), await OnlyAsync("replicasets"), await OnlyAsync("pods"));

        foreach (var field in (string[])["/spec/template/spec/schedulingGates", "/spec/template/metadata/annotations/k8squeue.io~1charges"])
            await DeniedAsync(() => RemoveAsync(replicaSet, field), "the template of a revision never changes");
        foreach (var revision in (string[])[deployment, replicaSet])
        {
            foreach (var label in (string[])["pool", "revision"])
                await DeniedAsync(() => LabelAsync(revision, $"k8squeue.io/{label}-"), "never change");
            await DeniedAsync(() => RemoveAsync(revision, "/metadata/labels"), "never change");
        }

        // The same with another name, and no gate and charges in it.
        await DeniedAsync(() => CopyAsync(deployment), "only the K8sQueue operator makes the Deployment of a revision");
        await DeniedAsync(() => CopyAsync(replicaSet), "the ReplicaSet of a revision is made for its Deployment");
        await DeniedAsync(() => CopyAsync(pod), "a pod of a revision is made by its ReplicaSet");

        // A pod that is nobody's, which the ReplicaSet would adopt.
        await space.Kubectl.ApplyAsync(PodYaml("stranger", gates: "[]").Replace("k8squeue.io/", "example.com/", StringComparison.Ordinal));
        await DeniedAsync(() => LabelAsync("pod/stranger", $"k8squeue.io/pool={pool}"), "a pod never joins a pool or a revision");
        await LabelAsync("pod/stranger", "team=shop");

        // And all goes on: the Deployment's and the ReplicaSet's controllers do their work.
        await space.Kubectl.RunAsync(["patch", "workerpool", pool, "--type=merge", "-p", """{"spec": {"scaling": {"minReplicas": 2}}}"""]);
        await space.WaitForPoolAsync(pool, status => status.ReadyReplicas == 2, "a second worker");
        await space.Kubectl.RunAsync(["delete", "pod", "stranger", "--grace-period=0", "--force"]);

        async Task<string> OnlyAsync(string kind) =>
            (await space.Kubectl.RunAsync(["get", kind, "-l", $"k8squeue.io/pool={pool}", "-o", "name"])).Trim();

        async Task<string> CopyAsync(string target)
        {
            var copy = JsonNode.Parse(await space.Kubectl.RunAsync(["get", target, "-o", "json"]))!;
            copy["metadata"] = new JsonObject { ["name"] = $"{copy["metadata"]!["name"]}-copy", ["labels"] = copy["metadata"]!["labels"]!.DeepClone() };
            (copy["spec"]!["template"]?["metadata"] as JsonObject)?.Remove("annotations");
            copy["spec"]!.AsObject().Remove("nodeName");
            foreach (var spec in (JsonNode?[])[copy["spec"], copy["spec"]!["template"]?["spec"]])
                (spec as JsonObject)?.Remove("schedulingGates");
            return await space.Kubectl.RunAsync(["create", "-f", "-"], copy.ToJsonString());
        }

        Task<string> LabelAsync(string target, string label) => space.Kubectl.RunAsync(["label", "--overwrite", target, label]);
        Task<string> RemoveAsync(string target, string path) =>
            space.Kubectl.RunAsync(["patch", target, "--type=json", "-p", $$"""[{"op": "remove", "path": "{{path}}"}]"""]);
    }

    [Fact]
    public async Task Other_peoples_Deployments_are_not_touched()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        await space.Kubectl.RunAsync(["create", "deployment", "other", $"--image={EndToEndEnvironment.WorkerImage}", "--replicas=0"]);

        await space.Kubectl.RunAsync(["set", "env", "deployment/other", "A=b"]);
        await space.Kubectl.RunAsync(["rollout", "restart", "deployment/other"]);
        await space.Kubectl.RunAsync(["label", "deployment/other", "k8squeue.io/pool=shop"]);
        await DeniedAsync(() => space.Kubectl.RunAsync(["label", "deployment/other", "k8squeue.io/revision=abc"]), "never change");
        await space.Kubectl.RunAsync(["label", "deployment/other", "k8squeue.io/pool-"]);
    }

    /// <summary>A pool with one worker, whose gate the operator took off.</summary>
    private static async Task<string> StartWorkerAsync(TestNamespace space)
    {
        await space.CreateSecretAsync();
        await space.CreateBudgetAsync(capacity: 12);
        var pool = $"policy-{space.Name}";
        await space.Kubectl.ApplyAsync(space.PoolYaml(pool, minReplicas: 1));
        await space.WaitForPoolAsync(pool, status => status.ReadyReplicas == 1, "a worker");
        return pool;
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
