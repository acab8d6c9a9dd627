using System.Collections.Concurrent;
using System.Text;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Resources;

namespace K8sQueue.Operator.Drains;

/// <summary>The pools' management tokens, each read by a GET of its Secret and kept until a worker refuses it.</summary>
internal sealed class ManagementTokens(IKubernetesClient client, TimeProvider time)
{
    // What is refused or missing is read again, but not for every worker of a pool.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<NamespacedName, (string? Token, long At)> _tokens = new();

    /// <param name="refused">The token that a worker refused; null for none.</param>
    /// <returns>The token; null where there is none.</returns>
    public async Task<string?> OfAsync(NamespacedName pool, string? refused, CancellationToken cancellationToken)
    {
        if (_tokens.TryGetValue(pool, out var known)
            && ((known.Token is not null && known.Token != refused) || time.GetElapsedTime(known.At) < Fresh))
        {
            return known.Token;
        }

        var secret = await client.GetAsync<V1Secret>(ChildMetadata.ManagementSecretName(pool.Name), pool.Namespace, cancellationToken)
            .ConfigureAwait(false);
        var token = secret?.Data?.GetValueOrDefault(ManagementSecretBuilder.TokenKey) is { Length: > 0 } bytes
            ? Encoding.ASCII.GetString(bytes).Trim()
            : null;
        _tokens[pool] = (token, time.GetTimestamp());
        return token;
    }

    public void Forget(NamespacedName pool) => _tokens.TryRemove(pool, out _);
}
