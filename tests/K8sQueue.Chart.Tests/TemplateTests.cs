using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using K8sQueue.Chart.Tests.Support;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.Testing;

namespace K8sQueue.Chart.Tests;

/// <summary>What single values do.</summary>
public sealed class TemplateTests
{
    [Fact]
    public async Task By_default_there_are_two_operators_a_budget_for_their_disruption_and_the_policies()
    {
        var objects = await Helm.RenderAsync("{}");

        objects.Single("Deployment", "k8squeue-operator")["spec"]!["replicas"]!.GetValue<long>().Should().Be(2);
        objects.Single("PodDisruptionBudget", "k8squeue-operator").ValueAt("spec", "maxUnavailable").Should().Be("1");
        objects.OfKind("ValidatingAdmissionPolicy").Should().HaveCount(3);
        objects.OfKind("ValidatingAdmissionPolicyBinding").Should().HaveCount(3);
        objects.OfKind("Deployment").Should().ContainSingle("the API is asked for, and so is Redis");
        Rendered.Variable(objects.Pods().Single().Spec, "K8SQUEUE_LEADER_ELECTION").ValueAt("value").Should().Be("true");
    }

    [Fact]
    public async Task In_some_namespaces_there_are_Roles_only_with_the_rules_of_the_ClusterRole()
    {
        var everywhere = (await Helm.RenderAsync("{}")).Single("ClusterRole", "k8squeue-operator");

        var objects = await Helm.RenderAsync("operator: {watchNamespaces: [shop, billing]}");

        objects.Where(value => value.Kind().StartsWith("ClusterRole", StringComparison.Ordinal)).Should().BeEmpty();
        var roles = objects.OfKind("Role").Where(role => role.Name() == "k8squeue-operator").ToList();
        roles.Select(role => role.ValueAt("metadata", "namespace")).Should().BeEquivalentTo("shop", "billing");
        roles.Should().OnlyContain(role => JsonNode.DeepEquals(role["rules"], everywhere["rules"]));
        objects.OfKind("RoleBinding").SelectMany(binding => binding.ObjectsAt("subjects")).Select(subject => (subject.ValueAt("namespace"), subject.ValueAt("name")))
            .Should().HaveCount(3).And.AllBeEquivalentTo(("k8squeue-system", "k8squeue-operator"));
        Rendered.Variable(objects.Pods().Single().Spec, "K8SQUEUE_WATCH_NAMESPACES").ValueAt("value").Should().Be("shop,billing");
    }

    [Fact]
    public async Task The_policies_name_the_operator_of_the_release_and_those_of_the_values()
    {
        var objects = await Helm.RenderAsync("""
            operator: {serviceAccount: {name: somebody}}
            admissionPolicy: {operators: ["system:serviceaccount:team-b:operator"]}
            """);

        objects.OfKind("ValidatingAdmissionPolicy").SelectMany(policy => policy.ObjectsAt("spec", "variables")).Select(variable => variable.ValueAt("expression"))
            .Should().HaveCount(2).And.AllBe("['system:serviceaccount:k8squeue-system:somebody', 'system:serviceaccount:team-b:operator']");
    }

    [Theory]
    [InlineData("{}", "keep")]
    [InlineData("crds: {keep: false}", null)]
    public async Task Definitions_stay_when_the_chart_goes_unless_they_shall_not(string values, string? policy)
    {
        var definitions = (await Helm.RenderAsync(values)).OfKind("CustomResourceDefinition").ToList();

        definitions.Should().HaveCount(2);
        definitions.Select(definition => definition.ValueAt("metadata", "annotations", "helm.sh/resource-policy")).Should().AllBe(policy);
    }

    [Fact]
    public async Task A_key_is_made_where_none_is_named_and_the_API_gets_its_hash()
    {
        var objects = await Helm.RenderAsync("{api: {enabled: true}, redis: {enabled: true}}");

        var data = objects.Single("Secret", "k8squeue-api-keys").MapAt("data")!;
        var key = Encoding.UTF8.GetString(Convert.FromBase64String(data.ValueAt("key")!));
        var line = Encoding.UTF8.GetString(Convert.FromBase64String(data.ValueAt("keys")!));
        key.Should().MatchRegex("^k8sq_[A-Za-z0-9]{43}$");
        line.Should().Be($"chart:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}\n");
        objects.Single("Deployment", "k8squeue-api").ToJsonString().Should().NotContain(key).And.NotContain("K8SQUEUE_API_ANONYMOUS");
        var again = await Helm.RenderAsync("{api: {enabled: true}, redis: {enabled: true}}");
        again.Single("Secret", "k8squeue-api-keys").ValueAt("data", "key").Should().NotBe(data.ValueAt("key"));
    }

    [Fact]
    public async Task A_secret_for_logins_to_the_dashboard_is_made_where_none_is_named()
    {
        var objects = await Helm.RenderAsync("{api: {enabled: true}, redis: {enabled: true}}");

        var secret = objects.Single("Secret", "k8squeue-api-dashboard").ValueAt("data", "secret")!;
        Encoding.UTF8.GetString(Convert.FromBase64String(secret)).Should().MatchRegex("^[A-Za-z0-9]{48}$");
        var api = objects.Single("Deployment", "k8squeue-api").MapAt("spec", "template", "spec")!;
        Items(api).Should().Contain("k8squeue-api-dashboard: secret as secret");
        Rendered.Variable(api, "K8SQUEUE_DASHBOARD_SECRET_FILE").ValueAt("value").Should().Be("/run/secrets/dashboard/secret");
    }

    [Fact]
    public async Task Secrets_that_are_named_are_used_and_none_is_made()
    {
        var objects = await Helm.RenderAsync(ValueSets.All["API with a Redis of its own"]);

        objects.OfKind("Secret").Should().BeEmpty();
        var api = objects.Single("Deployment", "k8squeue-api").MapAt("spec", "template", "spec")!;
        Items(api).Should().BeEquivalentTo("keys: list as keys", "logins: protection as secret", "redis-password: pass as password", "redis-ca: ca.crt as ca.crt");
        Items(objects.Single("Pod", "k8squeue-test").MapAt("spec")!).Should().Contain("keys: plain as key");
    }

    [Fact]
    public async Task Without_a_plain_key_there_is_no_test() =>
        (await Helm.RenderAsync("api: {enabled: true, redis: {address: 'r:6379'}, auth: {keysSecret: {name: keys}}}")).OfKind("Pod").Should().BeEmpty();

    [Fact]
    public async Task The_development_Redis_evicts_nothing_and_writes_all_to_its_file()
    {
        var redis = (await Helm.RenderAsync("redis: {enabled: true}")).Single("Deployment", "k8squeue-redis");

        var script = redis.ToJsonString();
        script.Should().Contain("maxmemory-policy noeviction").And.Contain("appendonly yes").And.Contain("appendfsync everysec");
        redis.ValueAt("spec", "strategy", "type").Should().Be("Recreate");
    }

    [Fact]
    public async Task Push_is_served_by_a_Service_of_all_replicas_under_the_address_that_KEDA_is_told()
    {
        var objects = await Helm.RenderAsync("operator: {push: {enabled: true, port: 9444}}");

        objects.Single("Service", "k8squeue-push").ObjectsAt("spec", "ports").Single().ValueAt("port").Should().Be("9444");
        var spec = objects.Pods().Single().Spec;
        Rendered.Variable(spec, "K8SQUEUE_PUSH_ADDRESS").ValueAt("value").Should().Be("0.0.0.0:9444");
        Rendered.Variable(spec, "K8SQUEUE_PUSH_ADVERTISED_ADDRESS").ValueAt("value").Should().Be("k8squeue-push.k8squeue-system:9444");
    }

    [Fact]
    public async Task The_API_may_read_what_it_shows_of_the_cluster_and_change_nothing()
    {
        var objects = await Helm.RenderAsync("{api: {enabled: true}, redis: {enabled: true}}");

        objects.Single("ClusterRole", "k8squeue-api").ObjectsAt("rules").SelectMany(rule => rule.ListAt("resources")!.Select(
            resource => $"{resource} {string.Join(' ', rule.ListAt("verbs")!.Select(verb => (string?)verb))}")).Should().Equal(
            "workerpools get list", "connectionbudgets get list", "pods list");
        objects.Single("ClusterRoleBinding", "k8squeue-api").ObjectsAt("subjects").Single().ValueAt("name").Should().Be("k8squeue-api");
    }

    [Theory]
    [InlineData("{api: {enabled: true, cluster: {namespaces: [shop]}}, operator: {watchNamespaces: [shop, billing]}, redis: {enabled: true}}", "shop")]
    [InlineData("{api: {enabled: true}, operator: {watchNamespaces: [shop, billing]}, redis: {enabled: true}}", "shop,billing")]
    public async Task An_API_of_some_namespaces_has_Roles_only_in_these(string values, string namespaces)
    {
        var objects = await Helm.RenderAsync(values);

        objects.OfKind("ClusterRole").Should().BeEmpty();
        var roles = objects.OfKind("Role").Concat(objects.OfKind("RoleBinding")).Where(role => role.Name() == "k8squeue-api").ToList();
        roles.Select(role => role.ValueAt("metadata", "namespace")).Distinct().Should().Equal(namespaces.Split(','));
        var api = objects.Single("Deployment", "k8squeue-api").MapAt("spec", "template", "spec")!;
        Rendered.Variable(api, "K8SQUEUE_CLUSTER_NAMESPACE").ValueAt("value").Should().Be(namespaces);
    }

    [Fact]
    public async Task An_API_that_does_not_look_at_the_cluster_has_no_rights_there()
    {
        var objects = await Helm.RenderAsync("{api: {enabled: true, cluster: {enabled: false}}, redis: {enabled: true}}");

        objects.Where(value => value.Name() == "k8squeue-api").Select(Rendered.Kind).Should().BeEquivalentTo(
            "Deployment", "Service", "ServiceAccount", "PodDisruptionBudget");
    }

    [Fact]
    public async Task An_ingress_leads_to_what_people_and_producers_use_and_not_to_what_needs_no_key()
    {
        var objects = await Helm.RenderAsync(ValueSets.All["an ingress, and network policies"]);

        var paths = objects.Single("Ingress", "k8squeue-api").ObjectsAt("spec", "rules").Single().ObjectsAt("http", "paths").ToList();
        paths.Where(path => path.ValueAt("pathType") == "Exact").Select(path => path.ValueAt("path")).Should().Equal("/");
        paths.Where(path => path.ValueAt("pathType") == "Prefix").Select(path => path.ValueAt("path")).Should().HaveCount(paths.Count - 1)
            .And.Contain("/v1").And.Contain("/login").And.NotContain("/").And.NotContain("/metrics").And.NotContain("/health");
    }

    [Fact]
    public async Task With_a_certificate_the_API_speaks_TLS_and_so_do_its_probes()
    {
        var objects = await Helm.RenderAsync("api: {enabled: true, redis: {address: 'r:6379'}, tls: {secretName: api-tls}}");

        var container = Rendered.Containers(objects.Single("Deployment", "k8squeue-api").MapAt("spec", "template", "spec")!).Single();
        container.ObjectsAt("env").Single(variable => variable.ValueAt("name") == "ASPNETCORE_URLS").ValueAt("value").Should().StartWith("https://");
        container.ValueAt("readinessProbe", "httpGet", "scheme").Should().Be("HTTPS");
        Rendered.Variable(objects.Single("Pod", "k8squeue-test").MapAt("spec")!, "K8SQUEUE_CHECK_API").ValueAt("value")
            .Should().Be("https://k8squeue-api.k8squeue-system:8080");
    }

    [Fact]
    public async Task The_images_are_those_of_this_version()
    {
        var properties = await File.ReadAllTextAsync(Path.Combine(RepositoryFolder.Root, "Directory.Build.props"));
        var version = $"{Between(properties, "<VersionPrefix>", "<")}-{Between(properties, "<VersionSuffix>", "<")}";

        var objects = await Helm.RenderAsync("{api: {enabled: true}, redis: {enabled: true}}");

        objects.Pods().SelectMany(pod => Rendered.Containers(pod.Spec)).Select(container => container.ValueAt("image")).Should().BeEquivalentTo(
            $"ghcr.io/k8squeue/operator:{version}", $"ghcr.io/k8squeue/api:{version}", $"ghcr.io/k8squeue/worker:{version}", "docker.io/library/redis:7.2-alpine");
    }

    private static IEnumerable<string> Items(JsonObject podSpec) => podSpec.ObjectsAt("volumes").SelectMany(volume =>
        volume.ObjectsAt("secret", "items").Select(item => $"{volume.ValueAt("secret", "secretName")}: {item.ValueAt("key")} as {item.ValueAt("path")}"));

    private static string Between(string text, string before, string after)
    {
        var start = text.IndexOf(before, StringComparison.Ordinal) + before.Length;
        return text[start..text.IndexOf(after, start, StringComparison.Ordinal)];
    }
}
