using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Threading.RateLimiting;

namespace K8sQueue.Api.RateLimits;

/// <summary>What a bucket says to a request. It holds nothing, so requests share it.</summary>
internal sealed class Verdict : RateLimitLease
{
    public static readonly MetadataName<string> RateLimit = MetadataName.Create<string>("RateLimit");

    /// <summary>The cache is away, and requests go on.</summary>
    public static readonly Verdict Uncounted = new(VerdictKind.Uncounted, standing: null, retryAfter: null);

    /// <summary>The cache is away, and requests don't.</summary>
    public static readonly Verdict Unavailable = new(VerdictKind.Unavailable, standing: null, TimeSpan.FromSeconds(1));

    private readonly TimeSpan? _retryAfter;

    private Verdict(VerdictKind kind, string? standing, TimeSpan? retryAfter) => (Kind, Standing, _retryAfter) = (kind, standing, retryAfter);

    public VerdictKind Kind { get; }

    /// <summary>
    /// The header <c>RateLimit</c>: what was left at the last lease, and in how many seconds the bucket is full from there
    /// (https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/); null where nobody knows.
    /// </summary>
    public string? Standing { get; }

    public override bool IsAcquired => Kind is VerdictKind.Admitted or VerdictKind.Uncounted;

    public override IEnumerable<string> MetadataNames =>
        [.. Standing is null ? [] : new[] { RateLimit.Name }, .. _retryAfter is null ? [] : new[] { MetadataName.RetryAfter.Name }];

    public static Verdict Admitted(string policy, int left, RateLimit limit) => new(
        VerdictKind.Admitted,
        string.Create(CultureInfo.InvariantCulture, $"\"{policy}\";r={left};t={(int)Math.Ceiling((double)(limit.Burst - Math.Min(left, limit.Burst)) / limit.Rate)}"),
        retryAfter: null);

    public static Verdict Refused(string policy, TimeSpan retryAfter) => new(
        VerdictKind.Refused,
        string.Create(CultureInfo.InvariantCulture, $"\"{policy}\";r=0;t={Seconds(retryAfter)}"),
        retryAfter);

    /// <summary>Whole seconds, one at least: <c>Retry-After</c> knows no less.</summary>
    public static int Seconds(TimeSpan span) => (int)Math.Max(1, Math.Ceiling(span.TotalSeconds));

    public override bool TryGetMetadata(string metadataName, [NotNullWhen(true)] out object? metadata)
    {
        metadata = metadataName == MetadataName.RetryAfter.Name ? _retryAfter : metadataName == RateLimit.Name ? Standing : null;
        return metadata is not null;
    }
}

/// <summary>What becomes of a request.</summary>
internal enum VerdictKind
{
    /// <summary>There was a token for it.</summary>
    Admitted,

    /// <summary>There was none.</summary>
    Refused,

    /// <summary>Nobody knows, and it goes on.</summary>
    Uncounted,

    /// <summary>Nobody knows, and it does not.</summary>
    Unavailable,
}
