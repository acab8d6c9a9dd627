using System.Collections.Concurrent;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using K8sQueue.Kubernetes.Authentication;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Configuration;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Tests.Fakes;
using K8sQueue.Testing;

namespace K8sQueue.Kubernetes.Tests.Client;

public sealed class TlsTests : IDisposable
{
    private readonly X509Certificate2 _authority = TestCertificates.Authority("cluster-ca");

    public void Dispose() => _authority.Dispose();

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task A_server_of_the_clusters_ca_is_trusted_by_address_or_name_and_spoken_to_over_http2(string host)
    {
        using var certificate = TestCertificates.Leaf(_authority, "server", "127.0.0.1", "localhost");
        await using var server = await StartAsync(certificate);

        await ListAsync(server, c => c with { Server = new UriBuilder(c.Server) { Host = host }.Uri });

        server.Requests.Single().Protocol.Should().Be("HTTP/2");
    }

    [Fact]
    public async Task A_server_with_another_name_is_refused_though_the_clusters_ca_signed_it()
    {
        using var certificate = TestCertificates.Leaf(_authority, "server", "other.example");
        await using var server = await StartAsync(certificate);

        var call = () => ListAsync(server);

        await AssertRefusedAsync(call);
    }

    [Fact]
    public async Task The_name_to_expect_may_be_given()
    {
        using var certificate = TestCertificates.Leaf(_authority, "server", "kubernetes.default");
        await using var server = await StartAsync(certificate);

        await ListAsync(server, c => c with { TlsServerName = "kubernetes.default" });
        var wrong = () => ListAsync(server, c => c with { TlsServerName = "other.default" });

        await AssertRefusedAsync(wrong);
    }

    [Fact]
    public async Task A_server_that_another_authority_signed_is_refused_though_it_has_the_name()
    {
        using var other = TestCertificates.Authority("cluster-ca");
        using var certificate = TestCertificates.Leaf(other, "server", "127.0.0.1");
        await using var server = await StartAsync(certificate);

        var call = () => ListAsync(server);

        await AssertRefusedAsync(call);
    }

    [Fact]
    public async Task Without_a_ca_the_systems_roots_count()
    {
        using var certificate = TestCertificates.Leaf(_authority, "server", "127.0.0.1");
        await using var server = await StartAsync(certificate);

        var call = () => ListAsync(server, c => c with { CertificateAuthorities = null });

        await AssertRefusedAsync(call);
    }

    [Fact]
    public async Task Only_the_explicit_wish_skips_the_check()
    {
        using var certificate = TestCertificates.Leaf(_authority, "server", "other.example");
        await using var server = await StartAsync(certificate);

        await ListAsync(server, c => c with { CertificateAuthorities = null, InsecureSkipTlsVerify = true });

        server.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task A_client_certificate_is_presented()
    {
        using var certificate = TestCertificates.Leaf(_authority, "server", "127.0.0.1");
        using var client = TestCertificates.Leaf(_authority, "client");
        using var usable = ClientCertificates.FromPem(client.ExportCertificatePem(), TestCertificates.KeyPem(client));
        await using var server = await StartAsync(certificate, requireClientCertificate: true);

        await ListAsync(server, c => c with { Credentials = new StaticCredentials(new Credential(null, usable)) });
        var without = () => ListAsync(server);

        await without.Should().ThrowAsync<KubernetesApiException>();
        server.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task A_ca_bundle_that_was_rotated_is_taken_without_a_restart()
    {
        using var directory = new TemporaryDirectory();
        using var old = TestCertificates.Authority("old-ca");
        var bundle = directory.Write("ca.crt", old.ExportCertificatePem());
        using var certificate = TestCertificates.Leaf(_authority, "server", "127.0.0.1");
        await using var server = await StartAsync(certificate);
        using var client = Client(server, c => c with { CertificateAuthorityFile = bundle });
        var list = () => client.ListAsync<V1Pod>(null, null, default);
        await AssertRefusedAsync(list);

        directory.Write("ca.crt", old.ExportCertificatePem() + "\n" + _authority.ExportCertificatePem());
        await list();
        directory.Write("ca.crt", "torn");
        await list();

        server.Requests.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_ca_that_left_the_bundle_is_no_longer_trusted()
    {
        using var directory = new TemporaryDirectory();
        var time = new ManualTimeProvider();
        var bundle = directory.Write("ca.crt", _authority.ExportCertificatePem());
        using var certificate = TestCertificates.Leaf(_authority, "server", "127.0.0.1");
        await using var server = await StartAsync(certificate);
        using var client = Client(server, c => c with { CertificateAuthorityFile = bundle }, time);
        var list = () => client.ListAsync<V1Pod>(null, null, default);
        await list();

        using var other = TestCertificates.Authority("new-ca");
        directory.Write("ca.crt", other.ExportCertificatePem());
        time.Advance(TimeSpan.FromMinutes(1));

        await AssertRefusedAsync(list);
    }

    [Fact]
    public async Task A_renewed_client_certificate_is_presented_on_connections_of_its_own()
    {
        using var directory = new TemporaryDirectory();
        var time = new ManualTimeProvider();
        using var certificate = TestCertificates.Leaf(_authority, "server", "127.0.0.1");
        await using var server = await StartAsync(certificate, requireClientCertificate: true);
        var presented = new ConcurrentQueue<string?>();
        server.On("GET", "/api/v1/nodes", context =>
        {
            presented.Enqueue(context.Connection.ClientCertificate?.Subject);
            return Answers.List("1", null)(context);
        });
        Renew("first");
        var credentials = FileCertificateCredentials.Create(
            Path.Combine(directory.Path, "tls.crt"), Path.Combine(directory.Path, "tls.key"), AnonymousCredentials.Instance, time);
        using var client = Client(server, c => c with { Credentials = credentials }, time);

        await client.ListAsync<V1Node>(null, null, default);
        Renew("second");
        await client.ListAsync<V1Node>(null, null, default);
        time.Advance(TimeSpan.FromMinutes(1));
        await client.ListAsync<V1Node>(null, null, default);
        File.Delete(Path.Combine(directory.Path, "tls.key"));
        time.Advance(TimeSpan.FromMinutes(1));
        await client.ListAsync<V1Node>(null, null, default);

        presented.Should().Equal("CN=first", "CN=first", "CN=second", "CN=second");

        void Renew(string name)
        {
            using var leaf = TestCertificates.Leaf(_authority, name);
            directory.Write("tls.crt", leaf.ExportCertificatePem());
            directory.Write("tls.key", TestCertificates.KeyPem(leaf));
        }
    }

    private static async Task AssertRefusedAsync(Func<Task> call)
    {
        var failure = (await call.Should().ThrowAsync<KubernetesApiException>()).Which;
        failure.InnerException!.InnerException.Should().BeOfType<AuthenticationException>();
    }

    private async Task<FakeApiServer> StartAsync(X509Certificate2 certificate, bool requireClientCertificate = false)
    {
        var server = await FakeApiServer.StartAsync(certificate, requireClientCertificate ? _authority : null);
        return server.On("GET", "/api/v1/pods", Answers.List("1", null));
    }

    private async Task ListAsync(FakeApiServer server, Func<KubernetesClientConfiguration, KubernetesClientConfiguration>? configure = null)
    {
        using var client = Client(server, configure);
        await client.ListAsync<V1Pod>(null, null, default);
    }

    private KubernetesClient Client(
        FakeApiServer server, Func<KubernetesClientConfiguration, KubernetesClientConfiguration>? configure, TimeProvider? time = null)
    {
        var configuration = new KubernetesClientConfiguration { Server = server.Address, CertificateAuthorities = [_authority] };
        return new KubernetesClient(new KubernetesClientOptions { Configuration = configure?.Invoke(configuration) ?? configuration }, time);
    }
}
