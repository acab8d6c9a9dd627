using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace K8sQueue.Operator.Push.Certificates;

/// <summary>Certificates and keys as they are in a Secret.</summary>
internal static class CertificatePem
{
    private const string CertificateLabel = "CERTIFICATE";

    public static byte[] Certificates(IEnumerable<X509Certificate2> certificates) =>
        Encoding.ASCII.GetBytes(string.Concat(certificates.Select(certificate => certificate.ExportCertificatePem() + "\n")));

    public static byte[] Key(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        return Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <summary>Each certificate followed by its key.</summary>
    public static byte[] Pairs(IEnumerable<X509Certificate2> certificates) =>
        [.. certificates.SelectMany(certificate => Certificates([certificate]).Concat(Key(certificate)))];

    /// <summary>Null for what is no certificate, or not with its key.</summary>
    public static X509Certificate2? Read(byte[]? certificate, byte[]? key)
    {
        if (certificate is null || key is null)
            return null;
        try
        {
            return X509Certificate2.CreateFromPem(Encoding.UTF8.GetString(certificate), Encoding.UTF8.GetString(key));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>What <see cref="Pairs"/> made; nothing where any of it can't be read.</summary>
    public static IReadOnlyList<X509Certificate2> ReadPairs(byte[]? pairs)
    {
        var found = new List<X509Certificate2>();
        var rest = Encoding.UTF8.GetString(pairs ?? []);
        while (PemEncoding.TryFind(rest, out var certificate))
        {
            var after = rest[certificate.Location.End..];
            if (rest[certificate.Label] != CertificateLabel || !PemEncoding.TryFind(after, out var key)
                || Read(Encoding.UTF8.GetBytes(rest[certificate.Location]), Encoding.UTF8.GetBytes(after[key.Location])) is not { } pair)
            {
                return [];
            }

            found.Add(pair);
            rest = after[key.Location.End..];
        }

        return found;
    }
}
