using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Testing;

namespace K8sQueue.Core.Tests.Redis;

public sealed class RedisTlsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("k8squeue-tls-").FullName;
    private readonly CancellationToken _bound = new CancellationTokenSource(TimeSpan.FromSeconds(90)).Token;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Every_connection_is_encrypted_and_the_authority_is_the_given_one()
    {
        var port = FreePort.Next();
        MakeCertificates("localhost");
        await using var server = await StartAsync(port);
        var options = Options(server, port, Path.Combine(_directory, "ca.crt"));
        options.OperationTimeout = TimeSpan.FromSeconds(20); // the driver's handshake wants the thread pool, which other tests keep busy
        await using var queue = new RedisJobQueue(options);
        await queue.EnqueueAsync([new JobRequest { Queue = "q", Type = "t" }], _bound);
        await using var consumer = await queue.OpenConsumerAsync(new JobConsumerOptions { Queues = ["q"], Name = "c1" }, _bound);

        var lease = (await consumer.FetchAsync(1, _bound)).Single();
        (await consumer.FetchAsync(1, _bound)).Should().BeEmpty("the blocking read connected too");
        (await consumer.CompleteAsync([new JobCompletion(lease)], _bound)).Should().Equal(LeaseOutcome.Done);
        await Eventually.IsTrue(async () => (await queue.GetStatisticsAsync("q", _bound)).Consumers == 1);
    }

    [Theory]
    [InlineData("another.host")]
    [InlineData("localhost", "other-ca.crt")]
    public async Task A_server_that_is_not_the_one_asked_for_is_refused(string name, string ca = "ca.crt")
    {
        var port = FreePort.Next();
        MakeCertificates(name);
        await using var server = await StartAsync(port);
        var options = Options(server, port, Path.Combine(_directory, ca));
        options.OperationTimeout = TimeSpan.FromSeconds(20);
        await using var queue = new RedisJobQueue(options);

        var check = async () => await queue.CheckHealthAsync(_bound);
        (await check.Should().ThrowAsync<JobQueueConfigurationException>()).WithMessage("*TLS*");
    }

    [Fact]
    public async Task A_file_of_authorities_that_is_replaced_is_trusted_at_the_next_connect()
    {
        var port = FreePort.Next();
        MakeCertificates("localhost");
        await using var server = await StartAsync(port);
        var trusted = Path.Combine(_directory, "trusted.crt");
        File.Copy(Path.Combine(_directory, "other-ca.crt"), trusted);
        var options = Options(server, port, trusted);
        options.OperationTimeout = TimeSpan.FromSeconds(20);
        await using var queue = new RedisJobQueue(options);
        await FluentActions.Awaiting(() => queue.CheckHealthAsync(_bound).AsTask()).Should().ThrowAsync<JobQueueConfigurationException>();

        File.Copy(Path.Combine(_directory, "ca.crt"), trusted, overwrite: true);

        await Eventually.Passes(() => queue.CheckHealthAsync(_bound).AsTask(), TimeSpan.FromSeconds(60));
        await queue.EnqueueAsync([new JobRequest { Queue = "q", Type = "t" }], _bound);
        (await queue.GetStatisticsAsync("q", _bound)).Backlog.Waiting.Should().Be(1);
    }

    [Fact]
    public void A_certificate_is_judged_by_the_authorities_that_the_file_has_then_and_a_file_without_any_leaves_the_last()
    {
        MakeCertificates("localhost");
        var trusted = Path.Combine(_directory, "trusted.crt");
        File.Copy(Path.Combine(_directory, "ca.crt"), trusted);
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(_directory, "server.crt"));
        var endpoint = new RedisEndpoint(new RedisQueueOptions { Address = "localhost", Tls = true, CaFile = trusted });
        IsTrusted().Should().BeTrue();
        File.Copy(Path.Combine(_directory, "other-ca.crt"), trusted, overwrite: true);
        IsTrusted().Should().BeFalse();
        File.Copy(Path.Combine(_directory, "ca.crt"), trusted, overwrite: true);
        IsTrusted().Should().BeTrue();
        foreach (var text in new[] { "", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" })
        {
            File.WriteAllText(trusted, text);
            IsTrusted().Should().BeTrue(text);
        }

        File.Delete(trusted);
        IsTrusted().Should().BeTrue("it is being replaced");

        bool IsTrusted() => endpoint.Verify(this, certificate, chain: null, System.Net.Security.SslPolicyErrors.RemoteCertificateChainErrors);
    }

    private static RedisQueueOptions Options(RedisServer server, int port, string caFile)
    {
        var options = RedisFixture.Options(server);
        (options.Address, options.Tls, options.CaFile) = ($"localhost:{port}", true, caFile);
        return options;
    }

    private Task<RedisServer> StartAsync(int port) => RedisServer.StartAsync(
        "--tls-port", $"{port}", "--tls-cert-file", Path.Combine(_directory, "server.crt"),
        "--tls-key-file", Path.Combine(_directory, "server.key"), "--tls-ca-cert-file", Path.Combine(_directory, "ca.crt"),
        "--tls-auth-clients", "no");

    private void MakeCertificates(string name)
    {
        var from = TimeProvider.System.GetUtcNow().AddDays(-1);
        using var authority = Authority("ca.crt", from);
        using var other = Authority("other-ca.crt", from);
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Parse("127.9.9.9"));
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, from, from.AddDays(10), [1, 2, 3, 4]);
        File.WriteAllText(Path.Combine(_directory, "server.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_directory, "server.key"), key.ExportPkcs8PrivateKeyPem());
    }

    private X509Certificate2 Authority(string file, DateTimeOffset from)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={file}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var certificate = request.CreateSelfSigned(from, from.AddDays(20));
        File.WriteAllText(Path.Combine(_directory, file), certificate.ExportCertificatePem());
        return certificate;
    }
}
