using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace K8sQueue.LocalCluster.Hosting;

/// <summary>Writes the kubeconfig: the server's certificate and the bearer token, so the file is its owner's alone.</summary>
internal static class KubeconfigFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static void Write(string path, string server, X509Certificate2 certificate, string token)
    {
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        var authority = Convert.ToBase64String(Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()));
        var text = $"""
            # LocalCluster, a stand-in for development and CI. The token allows starting programs as you: keep it.
            apiVersion: v1
            kind: Config
            current-context: localcluster
            clusters:
            - name: localcluster
              cluster:
                server: {server}
                certificate-authority-data: {authority}
            contexts:
            - name: localcluster
              context:
                cluster: localcluster
                namespace: default
                user: localcluster
            users:
            - name: localcluster
              user:
                token: {token}

            """;
        var temporary = full + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using (var stream = new FileStream(temporary, options))
            stream.Write(Encoding.UTF8.GetBytes(text));
        File.Move(temporary, full, overwrite: true);
    }
}
