using System.Security.Cryptography;
using System.Threading.RateLimiting;
using K8sQueue.Api.Health;
using K8sQueue.Api.Hosting;
using K8sQueue.Core.Redis;

namespace K8sQueue.Api.RateLimits;

/// <summary>The limits that are in force, with the buckets of this replica; nothing of it where there are none.</summary>
internal sealed class RateLimiting : IAsyncDisposable
{
    public RateLimiting(RateLimitOptions options, DependencyOptions dependencies, TimeProvider time, ILogger<TokenStore> logger)
    {
        Options = options;
        if (!options.IsOn || dependencies.CacheWithin(TokenStore.Timeout) is not { } cache)
            return;
        var store = Open(options, cache, time, logger);

        // It disposes of a bucket that nobody has used for ten seconds, which gives back what it holds.
        Func<BucketName, LeasedBucket> make = name => new LeasedBucket(name, options.Of(name.Kind)!, options.WhenAway, store, time);
        (Store, Buckets) = (store, PartitionedRateLimiter.Create<BucketName, BucketName>(name => RateLimitPartition.Get(name, make)));
    }

    public RateLimitOptions Options { get; }

    /// <summary>Null where nothing is limited.</summary>
    public TokenStore? Store { get; }

    /// <summary>Null where nothing is limited.</summary>
    public PartitionedRateLimiter<BucketName>? Buckets { get; }

    public async ValueTask DisposeAsync()
    {
        if (Buckets is not null)
            await Buckets.DisposeAsync();
        if (Store is not null)
            await Store.DisposeAsync();
    }

    private static TokenStore Open(RateLimitOptions options, RedisQueueOptions cache, TimeProvider time, ILogger<TokenStore> logger)
    {
        try
        {
            return new TokenStore(options, cache, time, logger);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ApiConfigurationException($"The CA of {DependencyOptions.CachePrefix}REDIS_CA_FILE can't be read: {e.Message}");
        }
    }
}
