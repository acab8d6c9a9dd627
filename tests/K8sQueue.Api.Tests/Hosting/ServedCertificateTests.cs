using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using K8sQueue.Api.Hosting;
using K8sQueue.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace K8sQueue.Api.Tests.Hosting;

/// <summary>The API over TLS, with files as a Secret of type kubernetes.io/tls is mounted.</summary>
public sealed class ServedCertificateTests : IDisposable
{
    private const string Host = "api.example.org";

    private readonly string _folder = Directory.CreateTempSubdirectory("k8squeue-certificate-").FullName;
    private readonly ManualTimeProvider _time = new();
    private readonly LogCollector _logs = new();
    private readonly X509Certificate2 _root = Issue("root", issuer: null);

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        _root.Dispose();
        _logs.Dispose();
    }

    [Fact]
    public async Task New_connections_are_shown_a_renewed_certificate_with_its_intermediates()
    {
        var (first, second) = (MakePair("first"), MakePair("second"));
        Write(first);
        await using var api = await StartAsync();
        (await ShownAsync(api.Address)).Should().Be("CN=first");

        Write(second);

        await ReadUntilAsync(async () => await ShownAsync(api.Address) == "CN=second");
        Errors().Should().BeEmpty();
    }

    [Theory]
    [InlineData("tls.crt", "the next one")]
    [InlineData("tls.crt", "-----BEGIN CERTIFICATE-----")]
    [InlineData("tls.key", "")]
    [InlineData("tls.key", null)]
    public async Task Half_a_pair_or_none_leaves_the_last_one_and_is_logged_once(string name, string? text)
    {
        var (first, second) = (MakePair("first"), MakePair("second"));
        Write(first);
        await using var api = await StartAsync();
        var file = Path.Combine(_folder, name);
        if (text is null)
            File.Delete(file);
        else
            File.WriteAllText(file, text == "the next one" ? second.Certificate : text);

        await ReadUntilAsync(() => Task.FromResult(Errors().Count > 0));
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(ServedCertificate.Interval);
            (await ShownAsync(api.Address)).Should().Be("CN=first");
        }

        Errors().Should().ContainSingle().Which.Should().StartWith("Error").And.NotContain("PRIVATE KEY");
        Write(second);
        await ReadUntilAsync(async () => await ShownAsync(api.Address) == "CN=second");
    }

    private async Task<KestrelApi> StartAsync() => (await KestrelApi.StartAsync(
        null,
        services => services.AddSingleton<TimeProvider>(_time).AddSingleton<ILoggerProvider>(_logs),
        "--urls=https://127.0.0.1:0",
        $"--Kestrel:Certificates:Default:Path={_folder}/tls.crt",
        $"--Kestrel:Certificates:Default:KeyPath={_folder}/tls.key")).Api;

    private Task ReadUntilAsync(Func<Task<bool>> condition) => Eventually.IsTrue(
        async () =>
        {
            _time.Advance(ServedCertificate.Interval);
            return await condition();
        },
        TimeSpan.FromSeconds(30));

    private IReadOnlyList<string> Errors() => [.. _logs.Entries.Where(entry => entry.Contains("the last good one stays", StringComparison.Ordinal))];

    /// <summary>The subject of what a client is shown that trusts the root alone.</summary>
    private async Task<string> ShownAsync(Uri address)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using var tls = new SslStream(client.GetStream());
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(_root);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = Host, CertificateChainPolicy = policy });
        return tls.RemoteCertificate!.Subject;
    }

    private void Write((string Certificate, string Key) pair)
    {
        File.WriteAllText(Path.Combine(_folder, "tls.crt"), pair.Certificate);
        File.WriteAllText(Path.Combine(_folder, "tls.key"), pair.Key);
    }

    private (string Certificate, string Key) MakePair(string name)
    {
        using var intermediate = Issue($"{name}-issuer", _root);
        using var leaf = Issue(name, intermediate, isLeaf: true);
        using var key = leaf.GetECDsaPrivateKey()!;
        return ($"{leaf.ExportCertificatePem()}\n{intermediate.ExportCertificatePem()}\n", key.ExportPkcs8PrivateKeyPem());
    }

    private static X509Certificate2 Issue(string name, X509Certificate2? issuer, bool isLeaf = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(!isLeaf, hasPathLengthConstraint: false, 0, critical: true));
        if (isLeaf)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(Host);
            request.CertificateExtensions.Add(names.Build());
        }

        // No longer than its issuer's.
        var now = TimeProvider.System.GetUtcNow();
        if (issuer is null)
            return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        using var certificate = request.Create(issuer, issuer.NotBefore, issuer.NotAfter, Guid.NewGuid().ToByteArray());
        return certificate.CopyWithPrivateKey(key);
    }
}
