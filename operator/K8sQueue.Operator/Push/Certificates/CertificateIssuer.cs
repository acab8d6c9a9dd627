using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace K8sQueue.Operator.Push.Certificates;

/// <summary>Makes certificates, each with its key: ECDSA on P-256.</summary>
internal static class CertificateIssuer
{
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private const string Organization = "k8squeue.io";

    /// <summary>A root of its own. Each has a name of its own, so that a chain leads to the right one.</summary>
    public static X509Certificate2 Authority(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request($"k8squeue-push-ca-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}", key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(now - PushLifetimes.ClockSkew, now + PushLifetimes.Authority);
    }

    /// <summary>For those hosts: names or addresses.</summary>
    public static X509Certificate2 Server(X509Certificate2 authority, IEnumerable<string> hosts, DateTimeOffset now)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(host);
        }

        return Leaf(authority, "k8squeue-push", ServerAuthentication, names.Build(), now);
    }

    /// <summary>For KEDA, when it asks for pools of that namespace. The common name is the namespace.</summary>
    public static X509Certificate2 Client(X509Certificate2 authority, string @namespace, DateTimeOffset now) =>
        Leaf(authority, @namespace, ClientAuthentication, null, now);

    private static X509Certificate2 Leaf(X509Certificate2 authority, string name, string purpose, X509Extension? names, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(name, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        if (names is not null)
            request.CertificateExtensions.Add(names);

        // No leaf outlives, or is older than, what signs it.
        var from = Later(now - PushLifetimes.ClockSkew, authority.NotBefore.ToUniversalTime());
        var until = Earlier(now + PushLifetimes.Leaf, authority.NotAfter.ToUniversalTime());
        using var certificate = request.Create(authority, from, until, RandomNumberGenerator.GetBytes(16));
        return certificate.CopyWithPrivateKey(key);
    }

    private static CertificateRequest Request(string name, ECDsa key)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddOrganizationName(Organization);
        subject.AddCommonName(name);
        return new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
