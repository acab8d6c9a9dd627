using System.Security.Cryptography;
using K8sQueue.Core.Redis;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Operator.Discovery;

namespace K8sQueue.Operator.Push.Backlogs;

/// <summary>
/// Reads a Redis with the pool's own Secrets. They are read before the first connect, every few minutes, and after a failure (but not more
/// often than every few seconds); other ones are another connection. An open connection outlives an API server that does not answer.
/// </summary>
internal sealed class SecretBacklogReader(
    IKubernetesClient client, ServerGuard guard, BacklogSourceKey key, TimeProvider time, ILogger<RedisBacklogReader> logger) : IBacklogReader
{
    private static readonly TimeSpan Known = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private (RedisSecrets Secrets, RedisBacklogReader Reader)? _open;
    private long _readAt;
    private volatile bool _failed;

    /// <summary>How long the API server, and Redis, may take to answer. The default value is 2 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    public async Task<BacklogReading[]> ReadAsync(IReadOnlyCollection<string> queues, CancellationToken cancellationToken)
    {
        var reader = await OpenAsync(cancellationToken).ConfigureAwait(false);
        var readings = await reader.ReadAsync(queues).WaitAsync(cancellationToken).ConfigureAwait(false);
        _failed = readings.Length > 0 && Array.TrueForAll(readings, reading => reading.Error is not null);
        return readings;
    }

    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        if (_open is { } open)
            await open.Reader.DisposeAsync().ConfigureAwait(false);
        _open = null;
        _gate.Release();
        _gate.Dispose();
    }

    private async Task<RedisBacklogReader> OpenAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_open is { } known && time.GetElapsedTime(_readAt) < (_failed ? AfterFailure : Known))
                return known.Reader;
            var secrets = await SecretsAsync(cancellationToken).ConfigureAwait(false);
            _readAt = time.GetTimestamp();
            if (_open is { } open && (secrets is null || open.Secrets == secrets))
                return open.Reader;
            await CheckAddressAsync(cancellationToken).ConfigureAwait(false);
            var made = Make(secrets!);
            if (_open is { } old)
                await old.Reader.DisposeAsync().ConfigureAwait(false);
            _open = (secrets!, made);
            return made;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Null where the API server does not say, and the open connection is as good as it was.</summary>
    private async Task<RedisSecrets?> SecretsAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await RedisSecrets.ReadAsync(client, key, both.Token).ConfigureAwait(false);
        }
        catch (BacklogUnavailableException e) when (_open is not null && e.InnerException is KubernetesApiException)
        {
            return null;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            return _open is not null
                ? null
                : throw new BacklogUnavailableException($"The API server did not tell the Secrets of {key.Address} within {Timeout.TotalSeconds} s.", e);
        }
    }

    private async Task CheckAddressAsync(CancellationToken cancellationToken)
    {
        if (await guard.FindRefusalAsync($"Redis at {key.Address}", key.Address, cancellationToken).ConfigureAwait(false) is { } refusal)
            throw new BacklogUnavailableException(refusal);
    }

    private RedisBacklogReader Make(RedisSecrets secrets)
    {
        try
        {
            return new RedisBacklogReader(secrets.Options(key, Timeout), time, logger);
        }
        catch (CryptographicException e)
        {
            throw new BacklogUnavailableException($"The key '{key.CaKey}' of the Secret '{key.CaName}' holds no certificates.", e);
        }
        catch (ArgumentException e)
        {
            throw new BacklogUnavailableException($"The address '{key.Address}' is not host:port.", e);
        }
    }
}
