using K8sQueue.Chart.Tests.Support;

namespace K8sQueue.Chart.Tests;

/// <summary>What can't work is refused, with what to do.</summary>
public sealed class RefusalTests
{
    [Fact]
    public async Task An_older_Kubernetes_is_named() => (await Helm.TemplateAsync("{}", "--kube-version", "1.29.9")).Failed()
        .Should().Contain("chart requires kubeVersion: >=1.30.0-0 which is incompatible with Kubernetes v1.29.9");

    [Theory]
    [InlineData("1.30.0")]
    [InlineData("1.31.4-eks-7f9249a")]
    [InlineData("1.36.0+k3s1")]
    public async Task A_newer_one_will_do_whoever_made_it(string version) => (await Helm.TemplateAsync("{}", "--kube-version", version)).Succeeded();

    [Fact]
    public async Task An_API_without_a_Redis_asks_for_one() => (await Helm.TemplateAsync("api: {enabled: true}")).Failed()
        .Should().Contain("set api.redis.address to its host:port, or redis.enabled=true");

    [Fact]
    public async Task A_CA_without_TLS_is_refused_as_the_API_would() =>
        (await Helm.TemplateAsync("api: {enabled: true, redis: {address: 'r:6379', caSecret: {name: ca}}}")).Failed().Should().Contain("set api.redis.tls=true");

    [Fact]
    public async Task TLS_to_the_development_Redis_which_speaks_none_is_refused() =>
        (await Helm.TemplateAsync("{api: {enabled: true, redis: {tls: true}}, redis: {enabled: true}}")).Failed().Should().Contain("speaks no TLS");

    [Theory]
    [InlineData("cache: {redis: {address: 'c:6379', caSecret: {name: ca}}}", "set api.cache.redis.tls=true")]
    [InlineData("auth: {oidc: {issuer: 'https://login.example.com'}}", "set api.auth.oidc.audience")]
    [InlineData("auth: {oidc: {clientId: dashboard}}", "are for api.auth.oidc.issuer")]
    [InlineData("auth: {keysSecret: {key: list}}", "set api.auth.keysSecret.name, or leave the key out. In the Secret that the chart makes it is 'keys'")]
    [InlineData("dashboard: {secret: {key: protection}}", "set api.dashboard.secret.name")]
    public async Task A_setting_of_the_API_without_what_it_is_for_is_named(string values, string said) =>
        (await Helm.TemplateAsync($"api: {{enabled: true, redis: {{address: 'r:6379'}}, {values}}}")).Failed().Should().Contain(said);

    [Fact]
    public async Task A_key_of_the_tests_Secret_without_its_name_is_refused() =>
        (await Helm.TemplateAsync("{api: {enabled: true, redis: {address: 'r:6379'}}, test: {keySecret: {key: plain}}}")).Failed()
            .Should().Contain("set test.keySecret.name");

    [Theory]
    [InlineData("commonLabels: {app.kubernetes.io/part-of: shop}", "commonLabels has the label app.kubernetes.io/part-of")]
    [InlineData("operator: {podLabels: {app.kubernetes.io/instance: a}}", "operator.podLabels has the label app.kubernetes.io/instance")]
    [InlineData("api: {podLabels: {helm.sh/chart: a}}", "api.podLabels has the label helm.sh/chart")]
    [InlineData("redis: {podLabels: {k8squeue.io/pool: a}}", "redis.podLabels has the label k8squeue.io/pool")]
    public async Task A_label_by_which_pods_are_found_is_refused(string values, string said) =>
        (await Helm.TemplateAsync(values)).Failed().Should().Contain(said).And.Contain("Take another prefix");

    [Fact]
    public async Task The_port_of_the_operators_probes_is_not_for_push() =>
        (await Helm.TemplateAsync("operator: {push: {enabled: true, port: 8080}}")).Failed().Should().Contain("operator.push.port is 8080");

    [Fact]
    public async Task Push_without_an_operator_is_refused() =>
        (await Helm.TemplateAsync("operator: {enabled: false, push: {enabled: true}}")).Failed().Should().Contain("operator.push.enabled needs operator.enabled");

    [Theory]
    [InlineData("api: {ingress: {enabled: true, host: a.example.com}}", "api.ingress.enabled needs api.enabled")]
    [InlineData("{api: {enabled: true, ingress: {enabled: true}}, redis: {enabled: true}}", "Set api.ingress.host to the name under which the API is reached")]
    public async Task An_ingress_to_nothing_or_for_every_name_is_refused(string values, string said) =>
        (await Helm.TemplateAsync(values)).Failed().Should().Contain(said);

    [Theory]
    [InlineData("fullnameOverride: '7'", "these would begin with '7'")]
    [InlineData("fullnameOverride: a.b", "these would begin with 'a.b'")]
    public async Task A_name_that_no_Service_can_have_is_refused_where_there_is_one(string name, string said)
    {
        (await Helm.TemplateAsync($"{{{name}, redis: {{enabled: true}}}}")).Failed().Should().Contain(said).And.Contain("set fullnameOverride");
        (await Helm.TemplateAsync($"{{{name}}}")).Succeeded();
    }

    [Theory]
    [InlineData("workerPools: {emails: {spec: {}}}")]
    [InlineData("connectionBudgets: {db: {spec: {}}}")]
    public async Task Pools_before_their_definition_say_how_to_go_on(string values)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, values);

        (await Helm.RunAsync("template", Helm.Release, Helm.Chart, "-f", file)).Failed()
            .Should().Contain("kubectl apply --server-side -f deploy/crds.yaml").And.Contain("add them by helm upgrade").And.Contain("--api-versions");

        File.Delete(file);
    }
}
