namespace K8sQueue.Api.RateLimits;

/// <summary>What the cache answered to a lease.</summary>
/// <param name="Granted">Tokens that the replica has now.</param>
/// <param name="Left">Tokens that are left in the bucket.</param>
/// <param name="WaitMilliseconds">In how many milliseconds there is one; 0 where one is left.</param>
internal readonly record struct TokenGrant(int Granted, int Left, int WaitMilliseconds);
