using K8sQueue.Kubernetes.Authentication;
using K8sQueue.Kubernetes.Configuration;
using K8sQueue.Kubernetes.Tests.Fakes;
using K8sQueue.Testing;

namespace K8sQueue.Kubernetes.Tests.Configuration;

public sealed class KubeConfigTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("k8squeue-kubeconfig-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Server_namespace_token_and_impersonation_come_from_the_current_context()
    {
        var configuration = Load("""
            apiVersion: v1
            kind: Config
            current-context: dev
            clusters:
            - name: c
              cluster: {server: "https://api.example:6443/prefix", tls-server-name: kubernetes, proxy-url: "socks5://localhost:1080"}
            users:
            - name: u
              user: {token: secret, as: jane, as-uid: "7", as-groups: [dev, ops], as-user-extra: {team: [a, b]}}
            contexts:
            - name: dev
              context: {cluster: c, user: u, namespace: shop}
            """);

        configuration.Server.Should().Be(new Uri("https://api.example:6443/prefix/"));
        configuration.Namespace.Should().Be("shop");
        configuration.TlsServerName.Should().Be("kubernetes");
        configuration.ProxyUrl.Should().Be(new Uri("socks5://localhost:1080"));
        configuration.CertificateAuthorities.Should().BeNull();
        configuration.InsecureSkipTlsVerify.Should().BeFalse();
        (await configuration.Credentials.GetAsync(default)).Token.Should().Be("secret");
        configuration.Impersonation!.User.Should().Be("jane");
        configuration.Impersonation.Uid.Should().Be("7");
        configuration.Impersonation.Groups.Should().Equal("dev", "ops");
        configuration.Impersonation.Extra["team"].Should().Equal("a", "b");
    }

    [Fact]
    public async Task Of_several_files_the_first_to_name_a_thing_wins_and_paths_are_relative_to_their_own_file()
    {
        var first = Write("one/config", """
            clusters:
            - {name: c, cluster: {server: "https://first"}}
            contexts:
            - {name: x, context: {cluster: c, user: u}}
            """);
        var second = Write("two/config", """
            current-context: x
            clusters:
            - {name: c, cluster: {server: "https://second"}}
            users:
            - {name: u, user: {tokenFile: sub/token}}
            contexts:
            - {name: x, context: {cluster: other}}
            """);
        var third = Write("three/config", "current-context: y\n");
        Write("two/sub/token", "from-two\n");

        var configuration = KubeConfig.Load([first, Path.Combine(_directory, "absent"), second, third]);

        configuration.Server.Should().Be(new Uri("https://first/"));
        (await configuration.Credentials.GetAsync(default)).Token.Should().Be("from-two");
    }

    [Fact]
    public async Task A_token_file_goes_before_a_token_and_is_read_again_each_minute()
    {
        var path = Write("token", "one");
        var time = new ManualTimeProvider();
        var credentials = Load(Minimal("{token: static, tokenFile: token}"), time).Credentials;

        (await credentials.GetAsync(default)).Token.Should().Be("one");
        await File.WriteAllTextAsync(path, "two");
        time.Advance(TimeSpan.FromSeconds(59));
        (await credentials.GetAsync(default)).Token.Should().Be("one");
        time.Advance(TimeSpan.FromSeconds(2));

        (await credentials.GetAsync(default)).Token.Should().Be("two");
    }

    [Fact]
    public async Task Data_goes_before_a_path_for_certificates_and_both_forms_work()
    {
        using var authority = TestCertificates.Authority("ca");
        using var leaf = TestCertificates.Leaf(authority, "client");
        Write("ca.pem", authority.ExportCertificatePem());
        Write("client.pem", leaf.ExportCertificatePem());
        Write("client.key", TestCertificates.KeyPem(leaf));
        var inline = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(leaf.ExportCertificatePem()));

        var configuration = Load($$"""
            current-context: x
            clusters:
            - name: c
              cluster: {server: "https://h", certificate-authority: ca.pem}
            users:
            - name: u
              user: {client-certificate: absent.pem, client-certificate-data: {{inline}}, client-key: client.key}
            contexts:
            - {name: x, context: {cluster: c, user: u} }
            """);

        configuration.CertificateAuthorities!.Single().Thumbprint.Should().Be(authority.Thumbprint);
        var certificate = (await configuration.Credentials.GetAsync(default)).ClientCertificate!;
        certificate.Thumbprint.Should().Be(leaf.Thumbprint);
        certificate.HasPrivateKey.Should().BeTrue();
    }

    [Fact]
    public void A_kubeconfig_may_be_json() =>
        Load("""{"current-context":"x","clusters":[{"name":"c","cluster":{"server":"https://h","insecure-skip-tls-verify":true}}],"contexts":[{"name":"x","context":{"cluster":"c","user":""}}]}""")
            .InsecureSkipTlsVerify.Should().BeTrue();

    [Theory]
    [InlineData("clusters: []", "*current-context*")]
    [InlineData("current-context: nope", "*no context 'nope'*")]
    [InlineData("current-context: x\ncontexts: [{name: x, context: {cluster: gone}}]", "*no cluster 'gone'*")]
    [InlineData("current-context: x\ncontexts: [{name: x, context: {cluster: c, user: gone}}]\nclusters: [{name: c, cluster: {server: h}}]", "*no user 'gone'*")]
    [InlineData("current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\nclusters: [{name: c, cluster: {}}]", "*'c' has no server*")]
    [InlineData("current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: h, certificate-authority: gone.pem}}]", "*certificate-authority*gone.pem*")]
    [InlineData("current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: h, certificate-authority-data: '%%'}}]", "*certificate-authority-data*base64*")]
    [InlineData("a: [", "*cannot be read*")]
    [InlineData("just text", "*not a YAML mapping*")]
    public void What_is_wrong_is_said(string yaml, string message)
    {
        var load = () => Load(yaml);

        load.Should().Throw<KubeConfigException>().WithMessage(message);
    }

    [Fact]
    public void No_file_at_all_is_said_with_what_to_do()
    {
        var load = () => KubeConfig.Load([Path.Combine(_directory, "absent")]);

        load.Should().Throw<KubeConfigException>().WithMessage("*absent*KUBECONFIG*");
    }

    [Theory]
    [InlineData("{auth-provider: {name: gcp}}", "*auth-provider*exec*")]
    [InlineData("{exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}}", "*v1alpha1*")]
    [InlineData("{exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Always}}", "*terminal*")]
    [InlineData("{client-key-data: Zm9v}", "*only one of*")]
    public void Users_that_cannot_work_are_refused_when_they_are_loaded(string user, string message)
    {
        var load = () => Load(Minimal(user));

        load.Should().Throw<KubeConfigException>().WithMessage(message);
    }

    [Theory]
    [InlineData("10.0.0.1", "https://10.0.0.1:443/")]
    [InlineData("fd00::1", "https://[fd00::1]:443/")]
    public async Task A_pod_uses_its_service_account(string host, string server)
    {
        using var authority = TestCertificates.Authority("cluster-ca");
        Write("sa/token", "sa-token\n");
        Write("sa/namespace", "system\n");
        Write("sa/ca.crt", authority.ExportCertificatePem());

        var configuration = InClusterConfiguration.Load(host, "443", Path.Combine(_directory, "sa"), new ManualTimeProvider());

        configuration.Server.Should().Be(new Uri(server));
        configuration.Namespace.Should().Be("system");
        configuration.CertificateAuthorities!.Single().Subject.Should().Be("CN=cluster-ca");
        (await configuration.Credentials.GetAsync(default)).Token.Should().Be("sa-token");
    }

    [Fact]
    public async Task A_token_file_that_cannot_be_read_keeps_the_token_there_was_until_it_can()
    {
        var path = Write("token", "one");
        var time = new ManualTimeProvider();
        using var credentials = new FileTokenCredentials(path, time);
        var first = await credentials.GetAsync(default);
        File.Delete(path);

        time.Advance(TimeSpan.FromMinutes(2));
        (await credentials.GetAsync(default)).Should().BeSameAs(first);
        await File.WriteAllTextAsync(path, "two");
        credentials.Invalidate(first);

        (await credentials.GetAsync(default)).Token.Should().Be("two", "a 401 reads it at once");
    }

    private static string Minimal(string user) => $$"""
        current-context: x
        clusters:
        - {name: c, cluster: {server: "https://h"} }
        users:
        - name: u
          user: {{user}}
        contexts:
        - {name: x, context: {cluster: c, user: u} }
        """;

    private KubernetesClientConfiguration Load(string yaml, TimeProvider? time = null) => KubeConfig.Load([Write("config", yaml)], time: time);

    private string Write(string name, string content)
    {
        var path = Path.Combine(_directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }
}
