using System.Text.Json.Nodes;
using K8sQueue.Chart.Tests.Support;
using K8sQueue.Testing;

namespace K8sQueue.Chart.Tests;

/// <summary>"In some namespaces only" of docs/how-to/install.md: an administrator applies the Roles, a team that may write none installs the rest.</summary>
public sealed class NamespacedInstallTests(ChartCluster cluster) : IClassFixture<ChartCluster>
{
    private const string WithoutRights = ",rbac.create=false";

    /// <summary>Whoever may do with workloads what he likes, and nothing with Roles: Kubernetes lets nobody write those of rights that he lacks.</summary>
    private const string Team = """
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: team, namespace: team-a}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: team, namespace: team-a}
        rules:
        - {apiGroups: ["", apps, policy], resources: ["*"], verbs: ["*"]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: team, namespace: team-a}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: team}
        subjects: [{kind: ServiceAccount, name: team, namespace: team-a}]
        """;

    [Fact]
    public async Task What_the_administrator_applies_and_what_the_team_installs_are_the_whole_together()
    {
        var rights = await RenderAsync(Words("template"));
        var rest = await RenderAsync(Words("install"));
        var whole = await RenderAsync([.. Words("install").Select(word => word.Replace(WithoutRights, "", StringComparison.Ordinal))]);

        rights.Select(Rendered.Kind).Distinct().Should().BeEquivalentTo("Role", "RoleBinding");
        rest.Select(Rendered.Kind).Should().Contain("ServiceAccount").And.NotContain(kind => kind.Contains("Role", StringComparison.Ordinal));
        rights.Concat(rest).Select(value => value.ToJsonString()).Should().BeEquivalentTo(whole.Select(value => value.ToJsonString()));
    }

    [Fact]
    public async Task A_team_that_may_write_no_Roles_installs_its_operator_once_they_are_there()
    {
        await cluster.EnsureNamespacesAsync("team-a", "shop", "billing");
        await cluster.ApplyAsync(Team);
        var install = Words("install");

        (await cluster.HelmAsAsync("team-a", "team", [.. install.Select(word => word.Replace(WithoutRights, "", StringComparison.Ordinal))])).Failed()
            .Should().Contain("forbidden").And.Contain("roles");
        await cluster.ApplyAsync((await Helm.RunAsync(Words("template"))).Succeeded());
        (await cluster.HelmAsAsync("team-a", "team", install)).Succeeded().Should().Contain("STATUS: deployed");

        var account = await cluster.KubectlAsync("get", "rolebindings", "-n", "shop", "-o", "jsonpath={.items[*].subjects[*].name}");
        (await cluster.KubectlAsync("get", "deployments", "-n", "team-a", "-o", "jsonpath={.items[*].spec.template.spec.serviceAccountName}")).Should().Be(account);
    }

    [Fact]
    public async Task The_policies_that_the_administrator_applies_know_the_teams_operator()
    {
        var policies = Helm.Read((await Command.RunAsync("bash", ["-c", Line("sed ").Split('|')[0]])).Succeeded()).OfKind("ValidatingAdmissionPolicy");

        policies.SelectMany(policy => policy["spec"]!["variables"]?.AsArray() ?? []).Where(variable => (string?)variable!["name"] == "operators")
            .Select(variable => (string?)variable!["expression"]).Should().NotBeEmpty().And.AllBe("['system:serviceaccount:team-a:k8squeue-operator']");
    }

    private static async Task<IReadOnlyList<JsonObject>> RenderAsync(string[] words) =>
        Helm.Read((await Helm.RunAsync(["template", .. words[1..]])).Succeeded());

    /// <summary>The words of the guide's helm command, without what it is piped to.</summary>
    private static string[] Words(string command) =>
        [.. Line($"helm {command} ").Split('|')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(word => word.Trim('\''))];

    private static string Line(string start)
    {
        var guide = File.ReadAllText(Path.Combine(RepositoryFolder.Root, "docs", "how-to", "install.md")).Replace("\\\n", "", StringComparison.Ordinal);
        var section = guide.Split("\n## ").Single(part => part.StartsWith("In some namespaces only\n", StringComparison.Ordinal));
        return section.Split('\n').Single(line => line.StartsWith(start, StringComparison.Ordinal));
    }
}
