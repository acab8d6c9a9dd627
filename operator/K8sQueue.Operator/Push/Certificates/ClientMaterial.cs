using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace K8sQueue.Operator.Push.Certificates;

/// <summary>What the Secret of a namespace holds: the authorities to trust, and KEDA's certificate for that namespace with its key.</summary>
internal static class ClientMaterial
{
    public const string AuthoritiesKey = "ca.crt";
    public const string CertificateKey = "tls.crt";
    public const string PrivateKey = "tls.key";

    private const int FingerprintLength = 16;

    /// <summary>Whether it needs no change: it is that namespace's, lasts, and trusts whoever may sign the server's.</summary>
    public static bool IsGood(Dictionary<string, byte[]>? data, PushMaterial material, string @namespace, DateTimeOffset now)
    {
        if (data?.GetValueOrDefault(AuthoritiesKey) is not { } bundle || !bundle.AsSpan().SequenceEqual(material.Bundle))
            return false;
        using var certificate = CertificatePem.Read(data.GetValueOrDefault(CertificateKey), data.GetValueOrDefault(PrivateKey));
        return certificate is not null
            && CertificateChecks.NameOf(certificate) == @namespace
            && CertificateChecks.Lasts(certificate, PushLifetimes.LeafRenewal, now)
            && CertificateChecks.IsGood(certificate, material.Authorities, CertificateIssuer.ClientAuthentication, now);
    }

    public static Dictionary<string, byte[]> Make(PushMaterial material, string @namespace, DateTimeOffset now)
    {
        using var certificate = CertificateIssuer.Client(material.Signer(now), @namespace, now);
        return new()
        {
            [AuthoritiesKey] = material.Bundle,
            [CertificateKey] = CertificatePem.Certificates([certificate]),
            [PrivateKey] = CertificatePem.Key(certificate),
        };
    }

    /// <summary>Changes with the certificates. It is in the trigger, so that KEDA reads the Secret again when they change.</summary>
    public static string Fingerprint(Dictionary<string, byte[]> data) =>
        Convert.ToHexStringLower(SHA256.HashData([.. data[AuthoritiesKey], .. data[CertificateKey]]))[..FingerprintLength];

    /// <summary>The namespace of a caller's certificate; null where it is none of ours, or not good now.</summary>
    public static string? NamespaceOf(X509Certificate2? certificate, PushMaterial material, DateTimeOffset now) =>
        certificate is not null && CertificateChecks.IsGood(certificate, material.Authorities, CertificateIssuer.ClientAuthentication, now)
            ? CertificateChecks.NameOf(certificate)
            : null;
}
