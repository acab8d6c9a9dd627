using System.Text;
using K8sQueue.Core.Redis;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Push.Backlogs;

/// <summary>What the Secrets of a Redis hold, read by name.</summary>
internal sealed record RedisSecrets(string? Password, string? Authorities)
{
    /// <exception cref="BacklogUnavailableException">One is missing, or can't be read.</exception>
    public static async Task<RedisSecrets> ReadAsync(IKubernetesClient client, BacklogSourceKey key, CancellationToken cancellationToken) => new(
        (await ValueAsync(client, key.Namespace, key.PasswordName, key.PasswordKey, cancellationToken).ConfigureAwait(false))?.TrimEnd('\r', '\n'),
        await ValueAsync(client, key.Namespace, key.CaName, key.CaKey, cancellationToken).ConfigureAwait(false));

    public RedisQueueOptions Options(BacklogSourceKey key, TimeSpan timeout) => new()
    {
        Address = key.Address,
        Database = key.Database,
        Tls = key.Tls,
        Password = Password,
        CaPem = Authorities,
        ClientName = "k8squeue-operator",
        OperationTimeout = timeout,
    };

    // A record would print what it holds.
    public override string ToString() => nameof(RedisSecrets);

    private static async Task<string?> ValueAsync(
        IKubernetesClient client, string @namespace, string? name, string? key, CancellationToken cancellationToken)
    {
        if (name is null)
            return null;
        try
        {
            var secret = await client.GetAsync<V1Secret>(name, @namespace, cancellationToken).ConfigureAwait(false);
            return secret?.Data?.GetValueOrDefault(key!) is { } value
                ? Encoding.UTF8.GetString(value)
                : throw new BacklogUnavailableException($"There is no key '{key}' in a Secret '{name}' of {@namespace}.");
        }
        catch (KubernetesApiException e)
        {
            throw new BacklogUnavailableException($"The Secret '{name}' of {@namespace} can't be read: {e.Message}", e);
        }
    }
}
