using System.Text;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Discovery;

/// <summary>Reads keys of Secrets by name, and remembers their values for as long as a read takes, to keep them out of what it says.</summary>
internal sealed class BudgetSecrets(IKubernetesClient client, string @namespace)
{
    private const int LeastLength = 3;
    private const int MaxMessage = 300;

    private readonly HashSet<string> _values = new(StringComparer.Ordinal);

    /// <exception cref="CapacityReadException">There is no such Secret or key, or it can't be read.</exception>
    public async Task<string> ReadAsync(SecretKeyReference reference, CancellationToken cancellationToken)
    {
        V1Secret? secret;
        try
        {
            secret = await client.GetAsync<V1Secret>(reference.Name, @namespace, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e)
        {
            throw new CapacityReadException(Reasons.SecretNotFound, $"The Secret '{reference.Name}' can't be read: {e.Message}", e);
        }

        if (secret is null)
            throw new CapacityReadException(Reasons.SecretNotFound, $"There is no Secret '{reference.Name}': make it, with the key '{reference.Key}'.");
        if (secret.Data?.TryGetValue(reference.Key, out var bytes) != true)
            throw new CapacityReadException(Reasons.SecretNotFound, $"The Secret '{reference.Name}' has no key '{reference.Key}': add it.");
        var value = Encoding.UTF8.GetString(bytes!).Trim();
        Conceal(value);
        return value;
    }

    public async Task<string?> ReadAsync(SecretKeyReference? reference, string? otherwise, CancellationToken cancellationToken) =>
        reference is null ? otherwise : await ReadAsync(reference, cancellationToken).ConfigureAwait(false);

    /// <summary>Keeps a value, and how a URL would write it, out of messages.</summary>
    public void Conceal(string? value)
    {
        if (value is null || value.Length < LeastLength)
            return;
        _values.Add(value);
        _values.Add(Uri.EscapeDataString(value));
    }

    /// <summary>One line of bounded length, without any of the values.</summary>
    public string Clean(string message)
    {
        foreach (var value in _values.OrderByDescending(value => value.Length))
            message = message.Replace(value, "***", StringComparison.Ordinal);
        var line = string.Join(' ', message.Split([' ', '\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= MaxMessage ? line : string.Concat(line.AsSpan(0, MaxMessage), "...");
    }
}
