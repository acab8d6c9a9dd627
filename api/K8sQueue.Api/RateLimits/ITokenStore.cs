namespace K8sQueue.Api.RateLimits;

/// <summary>Where the buckets are that all replicas share.</summary>
internal interface ITokenStore
{
    /// <summary>Whether the last call failed, so that there is no use in asking now.</summary>
    bool IsAway { get; }

    /// <summary>Takes tokens out of a bucket, and puts unused ones back; a bucket that there is not is full.</summary>
    /// <returns>Null where the store did not answer: it is away now.</returns>
    Task<TokenGrant?> LeaseAsync(string bucket, RateLimit limit, int wanted, int returned);
}
