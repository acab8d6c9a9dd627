using System.Security.Cryptography;

namespace K8sQueue.LocalCluster.Http;

/// <summary>How the API is served.</summary>
public sealed class ApiServerOptions
{
    /// <summary>The port on 127.0.0.1. 0 takes a free one. The default value is 0.</summary>
    public int Port { get; set; }

    /// <summary>
    /// The bearer token that every request but the health checks needs: whoever can create pods here can run programs as this user. The
    /// default value is random.
    /// </summary>
    public string Token { get; set; } = RandomNumberGenerator.GetHexString(48, lowercase: true);

    /// <summary>Where the kubelet keeps the pods' logs, in <c>pods/&lt;namespace&gt;_&lt;name&gt;_&lt;uid&gt;/&lt;container&gt;.log</c>.</summary>
    public required string DataDirectory { get; set; }

    /// <summary>The largest body, in bytes. The default value is 3 MiB, the real server's.</summary>
    public long MaxBodyBytes { get; set; } = 3 * 1024 * 1024;

    /// <summary>A file that every request is written down in, in the real server's format (audit.k8s.io/v1); null (the default) for none.</summary>
    public string? AuditLog { get; set; }

    /// <summary>How often a watch that asked for bookmarks gets one. The default value is a minute.</summary>
    public TimeSpan BookmarkInterval { get; set; } = TimeSpan.FromMinutes(1);
}
