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
}
