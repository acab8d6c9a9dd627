using K8sQueue.Chart.Tests.Support;

namespace K8sQueue.Chart.Tests;

/// <summary>What an installation says at its end. The cluster is one without KEDA.</summary>
public sealed class NotesTests(ChartCluster cluster) : IClassFixture<ChartCluster>
{
    private const string WithApi = "api.enabled=true,api.redis.address=redis:6379";
    private const string WithCache = WithApi + ",api.cache.redis.address=cache:6379";
    private const string WithLogin = WithApi + ",api.auth.oidc.issuer=https://login.example.com,api.auth.oidc.clientId=dashboard";

    [Fact]
    public async Task Without_KEDA_it_says_so_and_how_to_install_it() =>
        (await NotesAsync("operator.workers=4")).Should().Contain("WARNING: KEDA is not there").And.Contain("helm install keda keda")
            .And.NotContain("one replica").And.NotContain("TLS");

    [Fact]
    public async Task With_KEDA_nothing_is_said_of_it()
    {
        await cluster.ApplyAsync(KedaDefinition);

        (await NotesAsync("operator.workers=4")).Should().NotContain("WARNING");

        await cluster.KubectlAsync("delete", "crd", "scaledobjects.keda.sh");
    }

    [Theory]
    [InlineData("operator.replicas=1", "WARNING: one replica of the operator")]
    [InlineData(WithApi, "WARNING: no TLS: the API listens for plain HTTP")]
    [InlineData(WithApi, "WARNING: no TLS to Redis at redis:6379")]
    [InlineData("redis.enabled=true", "WARNING: redis.enabled is for trying things out")]
    [InlineData("redis.enabled=true,redis.persistence.enabled=false", "when its pod goes, so do all jobs")]
    [InlineData("admissionPolicy.enabled=false", "WARNING: admissionPolicy.enabled=false")]
    [InlineData(WithApi + ",api.auth.keysSecret.name=keys", "WARNING: the Secret keys does not exist in default")]
    [InlineData(WithApi + ",api.redis.passwordSecret.name=pass,api.redis.passwordSecret.key=pw", "create secret generic pass --from-file=pw=FILE")]
    [InlineData(WithApi + ",api.tls.secretName=half", "WARNING: the Secret half of default has no key tls.key")]
    [InlineData("redis.enabled=true,redis.passwordSecret.name=mine", "WARNING: the Secret mine does not exist")]
    [InlineData(WithApi + ",api.redis.tls=true,api.redis.caSecret.name=ca", "create secret generic ca --from-file=ca.crt=FILE")]
    [InlineData(WithCache + ",api.cache.redis.passwordSecret.name=pass", "create secret generic pass --from-file=password=FILE")]
    [InlineData(WithCache + ",api.cache.redis.tls=true,api.cache.redis.caSecret.name=ca", "WARNING: the Secret ca does not exist")]
    [InlineData(WithLogin + ",api.auth.oidc.clientSecret.name=client", "create secret generic client --from-file=client-secret=FILE")]
    [InlineData(WithApi + ",api.ingress.enabled=true,api.ingress.host=a.example.com,api.ingress.tlsSecretName=web", "create secret tls web --cert=FILE --key=FILE")]
    [InlineData("image.pullSecrets[0].name=pull", "WARNING: the Secret pull does not exist in default: images that need it can't be pulled")]
    [InlineData("image.pullSecrets[0].name=half", "WARNING: the Secret half of default has no key .dockerconfigjson")]
    [InlineData("crds.keep=false", "WARNING: crds.keep=false: helm uninstall takes the definitions along")]
    [InlineData("rbac.create=false", "WARNING: rbac.create=false: this release has no Roles")]
    public async Task It_warns(string values, string warning)
    {
        await cluster.ApplyAsync("apiVersion: v1\nkind: Secret\nmetadata: {name: half, namespace: default}\nstringData: {tls.crt: a}\n");

        (await NotesAsync(values)).Should().Contain(warning);
    }

    [Theory]
    [InlineData(WithApi + ",api.cache.redis.passwordSecret.name=pass,api.cache.redis.caSecret.name=ca,api.cache.redis.tls=true")]
    [InlineData(WithApi + ",api.auth.oidc.clientSecret.name=client,api.ingress.tlsSecretName=web")]
    [InlineData("api.tls.secretName=tls,api.auth.keysSecret.name=keys")]
    public async Task It_does_not_ask_for_a_Secret_that_nobody_reads(string values) => (await NotesAsync(values)).Should().NotContain("WARNING: the Secret");

    [Theory]
    [InlineData("operator.workers=4", "make images IMAGE_REGISTRY=registry.example.com/k8squeue IMAGE_TAG=0.1.0-alpha")]
    [InlineData("image.tag=1.0", "IMAGE_TAG=1.0")]
    [InlineData("image.registry=registry.example.com/k8squeue", null)]
    public async Task It_says_how_to_build_images_while_none_are_published_where_it_is_to_find_them(string values, string? how)
    {
        var notes = await NotesAsync(values);

        if (how is null)
            notes.Should().NotContain("No images are published");
        else
            notes.Should().Contain("No images are published").And.Contain(how);
    }

    [Fact]
    public async Task It_shows_how_to_reach_the_API_and_to_test_it() =>
        (await NotesAsync(WithApi)).Should().Contain("get secret k8squeue-api-keys").And.Contain("test k8squeue").And.Contain("port-forward service/k8squeue-api");

    private const string KedaDefinition = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: scaledobjects.keda.sh}
        spec:
          group: keda.sh
          scope: Namespaced
          names: {kind: ScaledObject, listKind: ScaledObjectList, plural: scaledobjects, singular: scaledobject}
          versions: [{name: v1alpha1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
        """;

    private async Task<string> NotesAsync(string values)
    {
        var said = (await cluster.HelmAsync("install", Helm.Release, Helm.Chart, "-n", "default", "--dry-run=server", "--set", values)).Succeeded();
        return said[said.IndexOf("NOTES:", StringComparison.Ordinal)..];
    }
}
