namespace K8sQueue.Api.RateLimits;

/// <summary>What becomes of requests while the cache does not answer.</summary>
internal enum WhenAway
{
    /// <summary>They are let through, uncounted.</summary>
    Open,

    /// <summary>They are refused: 503.</summary>
    Closed,
}
