using System.Security.Cryptography;
using System.Text;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Resources;

/// <summary>The Secret with the bearer token of the workers' management port. Made once a pool and never changed.</summary>
public static class ManagementSecretBuilder
{
    public const string TokenKey = "token";

    public static V1Secret Build(V1Alpha1WorkerPool pool, string token)
    {
        ArgumentNullException.ThrowIfNull(pool);
        return new V1Secret
        {
            ApiVersion = "v1",
            Kind = "Secret",
            Metadata = ChildMetadata.Of(pool, ChildMetadata.ManagementSecretName(pool.Metadata.Name!)),
            Type = "Opaque",
            Data = new Dictionary<string, byte[]> { [TokenKey] = Encoding.ASCII.GetBytes(token) },
        };
    }

    /// <summary>256 random bits.</summary>
    public static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
}
