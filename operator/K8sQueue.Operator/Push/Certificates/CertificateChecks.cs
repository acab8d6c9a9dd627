using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace K8sQueue.Operator.Push.Certificates;

/// <summary>Whether a certificate is one of ours, for a purpose, at a time.</summary>
internal static class CertificateChecks
{
    public static bool IsGood(X509Certificate2 certificate, IEnumerable<X509Certificate2> authorities, string purpose, DateTimeOffset at)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities.ToArray());
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(purpose));
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.VerificationTime = at.UtcDateTime;
        return chain.Build(certificate);
    }

    /// <summary>The common name: of a client's certificate, its namespace.</summary>
    public static string NameOf(X509Certificate2 certificate) => certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);

    /// <summary>Whether it lasts so much longer.</summary>
    public static bool Lasts(X509Certificate2 certificate, TimeSpan longer, DateTimeOffset now) =>
        new DateTimeOffset(certificate.NotAfter.ToUniversalTime()) - now > longer;

    public static IReadOnlyList<string> HostsOf(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault() is { } names
            ? [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(address => address.ToString())]
            : [];
}
