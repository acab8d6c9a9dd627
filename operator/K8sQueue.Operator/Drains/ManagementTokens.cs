using System.Collections.Concurrent;
using System.Text;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Resources;

namespace K8sQueue.Operator.Drains;

/// <summary>
/// The pools' management tokens, each read by a GET of its Secret and kept until a worker refuses it. Who asks while it is being read waits for
/// the same answer.
/// </summary>
internal sealed class ManagementTokens(IKubernetesClient client, TimeProvider time)
{
    // What is refused or missing is read again, but not for every worker of a pool.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FailureKept = TimeSpan.FromSeconds(1);

    // A read is nobody's own, so that nobody's end is its end.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<NamespacedName, Reading> _readings = new();

    /// <param name="refused">The token that a worker refused; null for none.</param>
    /// <returns>The token; null where there is none.</returns>
    public async Task<string?> OfAsync(NamespacedName pool, string? refused, CancellationToken cancellationToken)
    {
        var reading = _readings.AddOrUpdate(pool, NewReading, (_, known) => IsOutdated(known, refused) ? NewReading(pool) : known);
        return await reading.Token.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Forget(NamespacedName pool) => _readings.TryRemove(pool, out _);

    private Reading NewReading(NamespacedName pool) => new(new Lazy<Task<string?>>(() => ReadAsync(pool)), time.GetTimestamp());

    private async Task<string?> ReadAsync(NamespacedName pool)
    {
        using var bound = new CancellationTokenSource(Bound, time);
        var secret = await client.GetAsync<V1Secret>(ChildMetadata.ManagementSecretName(pool.Name), pool.Namespace, bound.Token).ConfigureAwait(false);
        return secret?.Data?.GetValueOrDefault(ManagementSecretBuilder.TokenKey) is { Length: > 0 } bytes
            ? Encoding.ASCII.GetString(bytes).Trim()
            : null;
    }

    private bool IsOutdated(Reading known, string? refused)
    {
        if (!known.Token.IsValueCreated || known.Token.Value is not { IsCompleted: true } read)
            return false;
        var age = time.GetElapsedTime(known.At);
        if (!read.IsCompletedSuccessfully)
            return age >= FailureKept;
        return age >= Fresh && (TokenOf(read) is not { } token || token == refused);
    }

    // Completed: nothing is waited for.
    private static string? TokenOf(Task<string?> read) => read.GetAwaiter().GetResult();

    private sealed record Reading(Lazy<Task<string?>> Token, long At);
}
