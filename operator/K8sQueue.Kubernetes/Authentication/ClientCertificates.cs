using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace K8sQueue.Kubernetes.Authentication;

internal static class ClientCertificates
{
    /// <summary>A certificate with its key, in a form that TLS on every platform takes.</summary>
    public static X509Certificate2 FromPem(string certificate, string key)
    {
        var pair = X509Certificate2.CreateFromPem(certificate, key);
        if (!OperatingSystem.IsWindows())
            return pair;

        // SChannel takes no key that lives in memory only.
        using (pair)
            return X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), password: null);
    }

    /// <summary>A credential of a certificate, its key, and the intermediates that follow the certificate.</summary>
    public static Credential ToCredential(string? token, string certificate, string key)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificate);
        return new Credential(token, FromPem(certificate, key))
        {
            Intermediates = chain.Count > 1 ? [.. chain.Skip(1)] : null,
        };
    }

    /// <summary>The certificates of a CA bundle.</summary>
    /// <exception cref="CryptographicException">It holds none.</exception>
    public static X509Certificate2Collection Authorities(string pem)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(pem);
        return authorities.Count > 0 ? authorities : throw new CryptographicException("It holds no certificate.");
    }
}
