using K8sQueue.Api.RateLimits;

namespace K8sQueue.Api.Tests.RateLimits;

/// <summary>The arithmetic of lease.lua over time that tests move; its answers may be held back.</summary>
internal sealed class ModelTokenStore(TimeProvider time) : ITokenStore
{
    private readonly Dictionary<string, (double Credit, DateTimeOffset At)> _buckets = new(StringComparer.Ordinal);
    private readonly Queue<Action> _held = [];

    public bool IsAway { get; set; }

    /// <summary>Whether answers wait for <see cref="Answer"/>.</summary>
    public bool Holds { get; set; }

    /// <summary>What calls end with; null for an answer.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Calls that were made.</summary>
    public int Calls { get; private set; }

    /// <summary>Tokens that came back unused.</summary>
    public int Returned { get; private set; }

    /// <summary>The most that a call granted.</summary>
    public int Largest { get; private set; }

    public Task<TokenGrant?> LeaseAsync(string bucket, RateLimit limit, int wanted, int returned)
    {
        Calls++;
        Returned += returned;
        if (Fault is not null)
            return Task.FromException<TokenGrant?>(Fault);
        if (IsAway)
            return Task.FromResult<TokenGrant?>(null);
        if (!Holds)
            return Task.FromResult<TokenGrant?>(Lease(bucket, limit, wanted, returned));
        var answer = new TaskCompletionSource<TokenGrant?>();
        _held.Enqueue(() => answer.SetResult(IsAway ? null : Lease(bucket, limit, wanted, returned)));
        return answer.Task;
    }

    /// <summary>Gives the oldest answer that was held back.</summary>
    public void Answer()
    {
        if (_held.TryDequeue(out var answer))
            answer();
    }

    private TokenGrant Lease(string bucket, RateLimit limit, int wanted, int returned)
    {
        var now = time.GetUtcNow();
        var (credit, at) = _buckets.GetValueOrDefault(bucket, (limit.Burst * 1000.0, now));
        credit = Math.Min(limit.Burst * 1000.0, credit + (Math.Floor((now - at).TotalMilliseconds) * limit.Rate));
        credit = Math.Min(limit.Burst * 1000.0, credit + (returned * 1000.0));
        var granted = (int)Math.Min(wanted, Math.Floor(credit / 1000));
        credit -= granted * 1000.0;
        _buckets[bucket] = (credit, now);
        Largest = Math.Max(Largest, granted);
        return new TokenGrant(granted, (int)(credit / 1000), credit >= 1000 ? 0 : (int)Math.Ceiling((1000 - credit) / limit.Rate));
    }
}
