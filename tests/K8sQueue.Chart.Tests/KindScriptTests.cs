using System.Text.Json.Nodes;
using K8sQueue.Chart.Tests.Support;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.Testing;

namespace K8sQueue.Chart.Tests;

/// <summary>
/// <c>make images kind-up deploy</c>, as far as it can be looked at where there is no Docker: it goes to kind, whatever the kubeconfig's current
/// context is.
/// </summary>
public sealed class KindScriptTests : IDisposable
{
    private const string Registry = "registry.example/k8squeue";

    private readonly StubbedTools _tools = new();

    public KindScriptTests()
    {
        _tools.Add("kind", """
            echo "kind $*" >>"$CALLS"
            # More than a pipe holds: who stops reading breaks it.
            [ "$*" != "get clusters" ] || { printf 'other\nk8squeue\n' && seq 20000; }
            """);
        _tools.Add("docker", """
            case "$*" in
              "image inspect --format {{.Id}} "*) echo "sha256:${5//[^a-z]/}" ;;
              *) exit 1 ;;
            esac
            """);
        _tools.Add("helm", """echo "helm $*" >>"$CALLS" """);
        _tools.Add("kubectl", $$$"""
            case "$*" in
              "config current-context") echo production ;;
              "config get-contexts kind-k8squeue") ;;
              *" get workerpools "*)
                echo "shop emails {{{Registry}}}/worker:dev ghcr.io/acme/sidecar:1.4"
                echo "shop orders {{{Registry}}}/database-worker:dev"
                echo "shop images {{{Registry}}}/worker:0.9"
                ;;
              *" patch workerpool "*) echo "kubectl $*" >>"$CALLS" ;;
              *) exit 1 ;;
            esac
            """);
    }

    [Fact]
    public async Task KEDA_goes_into_the_kind_cluster_that_is_there_while_another_context_is_the_current_one()
    {
        (await _tools.RunAsync("kind-up.sh", "k8squeue")).Succeeded();

        _tools.Calls.Should().NotContain(call => call.StartsWith("kind create", StringComparison.Ordinal));
        _tools.Calls.Single(call => call.StartsWith("helm ", StringComparison.Ordinal))
            .Should().StartWith("helm upgrade --install keda ").And.Contain("--kube-context kind-k8squeue ");
    }

    [Fact]
    public async Task A_kind_cluster_that_the_kubeconfig_does_not_know_gets_nothing_and_neither_does_another_one()
    {
        _tools.Add("kubectl", "exit 1");

        (await _tools.RunAsync("kind-up.sh", "k8squeue")).Failed().Should().Contain("kind export kubeconfig --name k8squeue");

        _tools.Calls.Should().NotContain(call => call.StartsWith("helm ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("images kind-up deploy", "kind-k8squeue")]
    [InlineData("deploy e2e", "kind-k8squeue")]
    [InlineData("deploy", "")]
    [InlineData("deploy DEPLOY_CONTEXT=staging", "staging")]
    public async Task Make_deploys_to_kind_where_it_makes_the_cluster_or_tests_it(string goals, string context)
    {
        var plan = (await Command.RunAsync(
            "make", ["--dry-run", "-C", RepositoryFolder.Root, .. goals.Split(' ')], new Dictionary<string, string> { ["DEPLOY_CONTEXT"] = "production" })).Succeeded();

        plan.Should().Contain($"eng/deploy.sh \"ghcr.io/k8squeue\" \"dev\" \"k8squeue\" \"{context}\"");
    }

    [Fact]
    public async Task A_changed_image_of_the_same_tag_restarts_operator_API_and_the_pools_that_run_it()
    {
        (await _tools.RunAsync("deploy.sh", Registry, "dev", "k8squeue", "kind-k8squeue", "--set", "api.enabled=true,redis.enabled=true")).Succeeded();

        var install = _tools.Calls.Single(call => call.StartsWith("helm ", StringComparison.Ordinal));
        install.Should().Contain("--kube-context kind-k8squeue ");
        var pods = (await RenderAsync(install)).Pods().ToDictionary(pod => pod.Of, pod => pod.Metadata.TextAt("annotations", "image-id"));
        pods["k8squeue-operator"].Should().Be(IdOf("operator"));
        pods["k8squeue-api"].Should().Be(IdOf("api"));
        _tools.Calls.Where(call => call.StartsWith("kubectl ", StringComparison.Ordinal)).Should().Equal(
            PatchOf("emails", "worker"), PatchOf("orders", "database-worker"));
        _tools.Calls.Count(call => call.StartsWith("kind load docker-image --name k8squeue ", StringComparison.Ordinal)).Should().Be(4);
    }

    [Fact]
    public async Task Without_a_context_the_current_one_is_named_and_has_its_images_from_the_registry()
    {
        (await _tools.RunAsync("deploy.sh", Registry, "1.0", "k8squeue", "")).Succeeded().Should().Contain("installs into production");

        _tools.Calls.Should().ContainSingle().Which.Should().StartWith("helm upgrade --install k8squeue ").And.Contain("--kube-context production ")
            .And.NotContain("podAnnotations");
    }

    public void Dispose() => _tools.Dispose();

    // What helm was told, to the real one.
    private static async Task<IReadOnlyList<JsonObject>> RenderAsync(string install)
    {
        var words = install.Split(' ').Skip(3).Where(word => word is not ("--wait" or "--create-namespace" or "--kube-context" or "kind-k8squeue"));
        return Helm.Read((await Helm.RunAsync(["template", .. words])).Succeeded());
    }

    private static string IdOf(string image) => "sha256:" + string.Concat($"{Registry}/{image}:dev".Where(char.IsAsciiLetterLower));

    private static string PatchOf(string pool, string image) =>
        $"kubectl --context kind-k8squeue --namespace shop patch workerpool {pool} --type merge --patch "
        + "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"image-id\":\"" + IdOf(image) + "\"}}}}}";
}
