using System.Text.Json.Nodes;
using K8sQueue.Chart.Tests.Support;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.Testing;

namespace K8sQueue.Chart.Tests;

/// <summary>What <c>make images kind-up deploy e2e</c> gives the suite, as far as it can be looked at where there is no Docker.</summary>
public sealed class EndToEndScriptTests : IDisposable
{
    private readonly StubbedTools _tools = new();

    [Fact]
    public async Task Over_kind_the_suite_tests_what_is_installed_and_reads_the_audit_log()
    {
        _tools.Add("kind", """[ "$*" = "get kubeconfig --name k8squeue" ] && echo "kind: Config" """);
        _tools.Add("docker", """
            # More than a pipe holds: who stops reading breaks it.
            case "$*" in
              "network inspect kind "*) printf 'fc00:f853:ccd:e793::1\n172.18.0.1\n\n' && seq 20000 ;;
              "exec k8squeue-control-plane tail "*) echo '{"kind":"Event"}' ;;
              *) exit 1 ;;
            esac
            """);
        _tools.Add("dotnet", """env | grep ^K8SQUEUE_E2E_ | sort; cat "$K8SQUEUE_E2E_KUBECONFIG" """);

        var run = (await RunAsync("registry.example/k8squeue", "dev", "k8squeue")).Succeeded();

        var work = Path.Combine(RepositoryFolder.Root, "artifacts", "kind");
        run.Trim().Split('\n').Should().Equal(
            $"K8SQUEUE_E2E_AUDIT_LOG={work}/audit.log",
            "K8SQUEUE_E2E_DATABASE_WORKER_IMAGE=registry.example/k8squeue/database-worker:dev",
            "K8SQUEUE_E2E_HOST_ADDRESS=172.18.0.1",
            $"K8SQUEUE_E2E_KUBECONFIG={work}/kubeconfig",
            "K8SQUEUE_E2E_OPERATOR=installed",
            "K8SQUEUE_E2E_WORKER_IMAGE=registry.example/k8squeue/worker:dev",
            "kind: Config");
    }

    [Fact]
    public async Task Alone_it_changes_nothing_of_the_environment()
    {
        _tools.Add("dotnet", "env | grep ^K8SQUEUE_E2E_ || echo none");

        (await RunAsync()).Succeeded().Trim().Should().Be("none");
    }

    [Theory]
    [InlineData("kind-up deploy e2e", "eng/e2e.sh \"ghcr.io/k8squeue\" \"dev\" \"k8squeue\"", "--set operator.push.enabled=true")]
    [InlineData("e2e", "eng/e2e.sh ", null)]
    public async Task Make_runs_the_suite_over_kind_where_it_has_deployed_there(string goals, string command, string? deployed)
    {
        var plan = (await Command.RunAsync("make", ["--dry-run", "-C", RepositoryFolder.Root, .. goals.Split(' ')])).Succeeded();

        plan.Split('\n').Select(line => line.Trim()).Should().Contain(command.Trim());
        (plan.Contains("operator.push.enabled", StringComparison.Ordinal) ? "--set operator.push.enabled=true" : null).Should().Be(deployed);
    }

    [Fact]
    public void The_audit_log_of_kind_is_that_of_the_operator()
    {
        var policy = File.ReadAllText(Path.Combine(RepositoryFolder.Root, "eng", "kind", "audit-policy.yaml"));
        var config = File.ReadAllText(Path.Combine(RepositoryFolder.Root, "kind-config.yaml"));

        policy.Should().Contain("system:serviceaccount:k8squeue-system:k8squeue-operator");
        config.Should().Contain("hostPath: ./eng/kind").And.Contain("audit-log-path: /var/log/kubernetes/audit.log");
    }

    [Fact]
    public void Kind_gets_the_audit_log_by_either_version_of_kubeadms_configuration()
    {
        var config = YamlReader.ReadAll(File.ReadAllText(Path.Combine(RepositoryFolder.Root, "kind-config.yaml"))).Single();
        var patches = config["nodes"]![0]!["kubeadmConfigPatches"]!.AsArray().Select(patch => YamlReader.ReadAll((string)patch!).Single()).ToList();

        patches.Select(patch => (string?)patch["apiVersion"]).Should().Equal("kubeadm.k8s.io/v1beta3", "kubeadm.k8s.io/v1beta4");
        patches.Should().OnlyContain(patch => (string?)patch["kind"] == "ClusterConfiguration");
        var (map, list) = (patches[0]["apiServer"]!["extraArgs"]!.AsObject(), patches[1]["apiServer"]!["extraArgs"]!.AsArray());
        list.Select(argument => ((string)argument!["name"]!, (string)argument["value"]!)).Should().Equal(map.Select(argument => (argument.Key, (string)argument.Value!)));
        JsonNode.DeepEquals(patches[0]["apiServer"]!["extraVolumes"], patches[1]["apiServer"]!["extraVolumes"]).Should().BeTrue("both mount the same");
    }

    public void Dispose() => _tools.Dispose();

    private Task<Command> RunAsync(params string[] arguments) => _tools.RunAsync("e2e.sh", arguments);
}
