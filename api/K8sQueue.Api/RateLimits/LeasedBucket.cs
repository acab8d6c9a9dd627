using System.Threading.RateLimiting;

namespace K8sQueue.Api.RateLimits;

/// <summary>
/// A replica's part of a shared bucket: tokens that were leased from the store in a batch and are handed out here, without a call. More are asked for
/// before the last is gone, and what is not used goes back. One call is under way at most.
/// </summary>
internal sealed class LeasedBucket(BucketName name, RateLimit limit, WhenAway whenAway, ITokenStore store, TimeProvider time) : RateLimiter
{
    private readonly string _bucket = name.ToString();
    private readonly Lock _gate = new();
    private Verdict _admitted = Verdict.Admitted(name.Policy, limit.Burst, limit);
    private int _tokens;
    private int _returning;
    private int _size = 1;
    private int _waiting;
    private long? _leasedAt;
    private long _usedAt = time.GetTimestamp();
    private TimeSpan _pause;
    private Task? _call;

    /// <summary>How long nobody has asked for a token.</summary>
    public override TimeSpan? IdleDuration
    {
        get
        {
            lock (_gate)
                return _call is null ? time.GetElapsedTime(_usedAt) : null;
        }
    }

    /// <summary>Tokens that are leased and not used.</summary>
    public int Held
    {
        get
        {
            lock (_gate)
                return _tokens;
        }
    }

    public override RateLimiterStatistics? GetStatistics()
    {
        lock (_gate)
            return new RateLimiterStatistics { CurrentAvailablePermits = _tokens, CurrentQueuedCount = _waiting };
    }

    // Of what is here alone: there is no call without somebody to wait for it.
    protected override RateLimitLease AttemptAcquireCore(int permitCount) =>
        Take(permitCount, waits: false, out _) ?? Verdict.Refused(name.Policy, LeaseRules.LeastPause);

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) =>
        Take(permitCount, waits: true, out var call) is { } verdict
            ? new ValueTask<RateLimitLease>(verdict)
            : WaitAsync(permitCount, call, cancellationToken);

    /// <summary>Gives back what is left.</summary>
    protected override async ValueTask DisposeAsyncCore()
    {
        await GiveBackAsync();
        await base.DisposeAsyncCore();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _ = GiveBackAsync();
        base.Dispose(disposing);
    }

    private Task GiveBackAsync()
    {
        lock (_gate)
        {
            var unused = _tokens + _returning;
            (_tokens, _returning) = (0, 0);
            return unused > 0 && !store.IsAway ? store.LeaseAsync(_bucket, limit, wanted: 0, unused) : Task.CompletedTask;
        }
    }

    private async ValueTask<RateLimitLease> WaitAsync(int permitCount, Task call, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await call.WaitAsync(cancellationToken);
            }
            finally
            {
                lock (_gate)
                    _waiting -= permitCount;
            }

            if (Take(permitCount, waits: true, out call) is { } verdict)
                return verdict;
        }
    }

    // What to say at once; null where the answer comes with the call.
    private Verdict? Take(int permitCount, bool waits, out Task call)
    {
        call = Task.CompletedTask;
        lock (_gate)
        {
            _usedAt = time.GetTimestamp();
            var sinceLease = _leasedAt is { } at ? time.GetElapsedTime(at, _usedAt) : TimeSpan.MaxValue;
            if (_tokens > 0 && sinceLease >= LeaseRules.Lapse)
                (_returning, _tokens, _size) = (_returning + _tokens, 0, 1);
            var mayAsk = _call is null && sinceLease >= _pause && !store.IsAway;
            if (_tokens >= permitCount)
            {
                _tokens -= permitCount;
                if (mayAsk && LeaseRules.IsLow(_tokens, _size))
                    _ = Ask(sinceLease);
                return _admitted;
            }

            if (store.IsAway)
                return Away();
            if (!waits)
                return null;
            if (_call is null && !mayAsk)
                return Verdict.Refused(name.Policy, _pause - sinceLease);
            _waiting += permitCount;
            call = mayAsk ? Ask(sinceLease) : _call ?? Task.CompletedTask;
            return null;
        }
    }

    private Task Ask(TimeSpan sinceLease)
    {
        _size = LeaseRules.NextSize(_size, sinceLease, limit);
        var wanted = LeaseRules.Wanted(_tokens, _size, _waiting, limit);
        var returned = _returning;
        _returning = 0;

        // The store may answer within the call: then nothing is left of it.
        _call = Task.CompletedTask;
        var call = LeaseAsync(wanted, returned);
        if (_call is not null)
            _call = call;
        return call;
    }

    private async Task LeaseAsync(int wanted, int returned)
    {
        TokenGrant? grant = null;
        try
        {
            grant = await store.LeaseAsync(_bucket, limit, wanted, returned);
        }
        finally
        {
            // Also where it failed in a way that nobody foresaw: those who wait hear of it, and the next one asks again.
            End(grant, wanted);
        }
    }

    private void End(TokenGrant? grant, int wanted)
    {
        lock (_gate)
        {
            _call = null;
            _leasedAt = time.GetTimestamp();
            _pause = TimeSpan.Zero;
            if (grant is not { } tokens)
                return;
            _tokens += tokens.Granted;
            _pause = tokens.Granted < wanted ? LeaseRules.Pause(tokens) : TimeSpan.Zero;
            _admitted = Verdict.Admitted(name.Policy, tokens.Left + _tokens, limit);
        }
    }

    private Verdict Away() => whenAway == WhenAway.Open ? Verdict.Uncounted : Verdict.Unavailable;
}
