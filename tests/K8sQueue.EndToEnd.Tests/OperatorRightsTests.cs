using System.Text.Json.Nodes;
using K8sQueue.Quickstart.Stack;
using K8sQueue.Testing;

namespace K8sQueue.EndToEnd.Tests;

/// <summary>What the operator's Roles allow, beside what the API server saw it do.</summary>
[Collection(EndToEndGroup.Name)]
public sealed class OperatorRightsTests(EndToEndEnvironment environment)
{
    internal const string Operator = "system:serviceaccount:k8squeue-system:k8squeue-operator";

    /// <summary>What no test can bring about at will.</summary>
    private static readonly HashSet<string> Rare =
    [
        // Asked for by the admission plugin OwnerReferencesPermissionEnforcement, not by a request of its own.
        "update workerpools.k8squeue.io/finalizers",

        // Another writer came between the cache and a finalizer's patch.
        "get workerpools.k8squeue.io",

        // Push: a certificate is about to expire.
        "update secrets",
    ];

    [Fact]
    public async Task The_roles_list_exactly_what_the_operator_uses()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        await UseEverythingAsync(space);
        var granted = (await RightsAsync(["get", "clusterrole", "k8squeue-operator"]))
            .Concat(await RightsAsync(["get", "role", "-n", "k8squeue-system", "k8squeue-operator-leader"]))
            .ToHashSet();
        IReadOnlyList<AuditEntry> entries = [];

        await Eventually.Passes(
            () =>
            {
                entries = [.. AuditEntry.Read(environment.AuditLog).Where(entry => entry.User == Operator)];
                granted.Except(Rare).Except(entries.Select(entry => entry.Right)).Should().BeEmpty("what is granted is used");
                return Task.CompletedTask;
            },
            TimeSpan.FromSeconds(60));

        entries.Where(entry => entry.Code == 403).Select(entry => entry.Right).Should().BeEmpty("the operator asks for nothing that it may not do");
        entries.Select(entry => entry.Right).Should().BeSubsetOf(granted);
    }

    /// <summary>A pool's whole life, with each kind of change that makes the operator call something.</summary>
    private async Task UseEverythingAsync(TestNamespace space)
    {
        await space.CreateSecretAsync();
        await space.Kubectl.ApplyAsync("""
            apiVersion: k8squeue.io/v1alpha1
            kind: ConnectionBudget
            metadata: {name: queue-redis}
            spec: {capacity: 16, lostHoldSeconds: 5}
            """);
        var pool = $"rights-{space.Name}";
        await space.Kubectl.ApplyAsync(space.PoolYaml(pool, minReplicas: 1));
        await space.WaitUntilReadyAsync(pool);
        await space.Kubectl.RunAsync(["patch", "poddisruptionbudget", pool, "--type=merge", "-p", """{"spec":{"maxUnavailable":1}}"""]);
        await Eventually.IsTrue(
            async () => await space.Kubectl.RunAsync(["get", "poddisruptionbudget", pool, "-o", "jsonpath={.spec.maxUnavailable}"]) == "25%",
            TestNamespace.Patience,
            "a disruption budget that somebody changed is as it was");
        await UseMonitoringAsync(space, pool);
        await PatchAsync("""{"scaling":{"maxReplicas":5},"rollout":{"revisionHistoryLimit":0}}""");
        await PatchAsync("""{"template":{"metadata":{"labels":{"release":"2"}}}}""");
        await space.WaitForPoolAsync(pool, s => s is { UpdatedReplicas: 1, ReadyReplicas: 1, DrainingReplicas: 0 }, "the second release");
        await space.Kubectl.RunAsync(["label", "pods", "-l", $"k8squeue.io/pool={pool}", "--field-selector=status.phase=Running", "k8squeue.io/pool-"]);
        foreach (var suspend in (string[])["true", "false", "true"])
        {
            await PatchAsync($$"""{"suspend":{{suspend}}}""");
            await space.WaitForConditionAsync(pool, "Suspended", suspend == "true" ? "True" : "False");
        }

        await space.Kubectl.RunAsync(["patch", "workerpool", pool, "--type=json", "-p",
            """[{"op":"replace","path":"/spec/queues/0/k8squeue/redis/passwordSecretRef/key","value":"other"}]"""]);
        await space.WaitForConditionAsync(pool, "Ready", "False", "SecretNotFound");
        await space.Kubectl.RunAsync(["patch", "workerpool", pool, "--type=json", "-p",
            """[{"op":"remove","path":"/spec/queues/0/k8squeue/redis/passwordSecretRef"}]"""]);
        await MeetStrangersAsync(space);
        await space.Kubectl.RunAsync(["delete", "workerpool", pool, "--wait=true", "--timeout=120s"]);
        await space.Kubectl.RunAsync(["delete", "pods", "--all", "--wait=true", "--timeout=120s"]);
        await space.Kubectl.RunAsync(["delete", "connectionbudget", "queue-redis", "--wait=true", "--timeout=120s"]);

        Task PatchAsync(string spec) => space.Kubectl.RunAsync(["patch", "workerpool", pool, "--type=merge", "-p", $$"""{"spec":{{spec}}}"""]);
    }

    /// <summary>Where the cluster has no Prometheus operator, it has its kinds for as long as this takes.</summary>
    private static async Task UseMonitoringAsync(TestNamespace space, string pool)
    {
        var isMissing = await space.Kubectl.RunAsync(
            ["get", "customresourcedefinitions", "podmonitors.monitoring.coreos.com", "--ignore-not-found", "-o", "name"]) is "";
        var definitions = Path.Combine(RepositoryLayout.Root, "tests", "K8sQueue.LocalCluster", "Monitoring");
        if (isMissing)
            await space.Kubectl.RunAsync(["apply", "-f", definitions]);
        await PatchAsync("""{"podMonitor":true,"alerts":true}""");
        await space.WaitForConditionAsync(pool, "Monitored", "True");
        await PatchAsync("""{"labels":{"release":"two"}}""");
        await WaitForAsync("podmonitor.monitoring.coreos.com", "prometheusrule.monitoring.coreos.com");
        await PatchAsync("""{"podMonitor":false,"alerts":false}""");
        await WaitForAsync();
        if (isMissing)
            await space.Kubectl.RunAsync(["delete", "-f", definitions]);

        Task PatchAsync(string monitoring) =>
            space.Kubectl.RunAsync(["patch", "workerpool", pool, "--type=merge", "-p", $$$"""{"spec":{"monitoring":{{{monitoring}}}}}"""]);

        Task WaitForAsync(params string[] kinds) => Eventually.Passes(
            async () => (await space.Kubectl.RunAsync(["get", "podmonitors,prometheusrules", "-l", "release=two", "-o", "name"]))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().BeEquivalentTo(kinds.Select(kind => $"{kind}/{pool}")),
            TestNamespace.Patience);
    }

    /// <summary>What is in the place of a pool's children is looked at, and left alone.</summary>
    private static async Task MeetStrangersAsync(TestNamespace space)
    {
        const string pool = "strange";
        await space.Kubectl.ApplyAsync($$"""
            apiVersion: policy/v1
            kind: PodDisruptionBudget
            metadata: {name: {{pool}}}
            spec: {maxUnavailable: 1, selector: {matchLabels: {app: other} } }
            ---
            apiVersion: keda.sh/v1alpha1
            kind: TriggerAuthentication
            metadata: {name: {{pool}}-q0}
            spec: {secretTargetRef: [{parameter: password, name: other, key: password}]}
            """);
        await space.Kubectl.ApplyAsync(space.PoolYaml(pool, budget: null));
        await space.WaitForConditionAsync(pool, "Ready", "False", "ChildConflict");
    }

    private async Task<IEnumerable<string>> RightsAsync(IReadOnlyList<string> get)
    {
        var role = JsonNode.Parse(await environment.Stack.Kubectl.RunAsync([.. get, "-o", "json"]))!;
        return from rule in role["rules"]!.AsArray()
               from verb in rule!["verbs"]!.AsArray()
               from @group in rule["apiGroups"]!.AsArray()
               from resource in rule["resources"]!.AsArray()
               select AuditEntry.RightOf((string)verb!, (string)@group!, (string)resource!);
    }
}
