using System.Reflection;
using System.Text;
using K8sQueue.Core.Redis;

namespace K8sQueue.Api.RateLimits;

/// <summary>
/// The buckets in the cache's Redis, one script a lease. Where a call fails the store is away, for everybody and at once, until <see cref="ProbeAsync"/>
/// finds it back: no request waits for a cache that is known to be down.
/// </summary>
internal sealed partial class TokenStore : ITokenStore, IAsyncDisposable
{
    public const string KeyPrefix = "k8squeue:rate:";

    /// <summary>How long a lease may take: so long the first requests wait that find the cache gone.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private readonly RedisScriptRunner _redis;
    private readonly RateLimitOptions _options;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private volatile string? _fault;

    public TokenStore(RateLimitOptions options, RedisQueueOptions cache, TimeProvider time, ILogger<TokenStore> logger)
    {
        _options = options;
        _logger = logger;
        _redis = new RedisScriptRunner(cache, "lease", ReadScript(), time, logger);
    }

    public bool IsAway => _fault is not null;

    /// <summary>Why there are no leases; null where there are.</summary>
    public string? Fault => _fault;

    public async Task<TokenGrant?> LeaseAsync(string bucket, RateLimit limit, int wanted, int returned)
    {
        try
        {
            var reply = await _redis.RunAsync(KeyPrefix + bucket, limit.Rate, limit.Burst, wanted, returned);
            Turn(fault: null);
            return new TokenGrant((int)reply[0], (int)reply[1], (int)reply[2]);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever it is, requests are not to fail by it: they go on or are refused, as is set.
            Turn(e.Message);
            return null;
        }
    }

    /// <summary>Looks whether the cache takes leases again.</summary>
    public Task ProbeAsync() => LeaseAsync("probe", new RateLimit(1, 1), wanted: 0, returned: 0);

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    private void Turn(string? fault)
    {
        if (fault is null && _fault is null)
            return;
        lock (_gate)
        {
            if (_fault is null && fault is not null)
                Log.Away(_logger, fault, _options.WhenAway == WhenAway.Open ? "let through uncounted" : "refused");
            else if (_fault is not null && fault is null)
                Log.Back(_logger);
            _fault = fault;
        }
    }

    private static string ReadScript()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("K8sQueue.Api.RateLimits.lease.lua")
            ?? throw new InvalidOperationException("lease.lua is not embedded.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The cache leases no tokens of rate limits, requests are {Fate} until it does: {Fault}")]
        public static partial void Away(ILogger logger, string fault, string fate);

        [LoggerMessage(2, LogLevel.Information, "The cache leases tokens of rate limits again")]
        public static partial void Back(ILogger logger);
    }
}
