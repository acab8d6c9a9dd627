using System.Globalization;
using K8sQueue.Api.Health;
using K8sQueue.Api.Hosting;

namespace K8sQueue.Api.RateLimits;

/// <summary>The limits of requests, read from the environment. docs/reference/api.md lists the settings.</summary>
internal sealed record RateLimitOptions
{
    public const string KeyRateVariable = "K8SQUEUE_RATE_LIMIT_KEY_PER_SECOND";
    public const string KeyBurstVariable = "K8SQUEUE_RATE_LIMIT_KEY_BURST";
    public const string AddressRateVariable = "K8SQUEUE_RATE_LIMIT_ADDRESS_PER_SECOND";
    public const string AddressBurstVariable = "K8SQUEUE_RATE_LIMIT_ADDRESS_BURST";
    public const string WhenAwayVariable = "K8SQUEUE_RATE_LIMIT_WITHOUT_CACHE";

    /// <summary>What a key may do where there is a cache and nothing else is said.</summary>
    public const int DefaultKeyRate = 1000;

    /// <summary>What an address may do without a good key.</summary>
    public const int DefaultAddressRate = 20;

    /// <summary>So many seconds of a rate are a burst by default, of a key.</summary>
    public const int DefaultKeyBurstSeconds = 2;

    /// <inheritdoc cref="DefaultKeyBurstSeconds"/>
    public const int DefaultAddressBurstSeconds = 5;

    /// <summary>Of one key over all replicas; null for no limit.</summary>
    public RateLimit? Key { get; init; }

    /// <summary>Of one address's requests without a good key, over all replicas; null for no limit.</summary>
    public RateLimit? Address { get; init; }

    /// <summary>What becomes of requests while the cache is away. The default value is <see cref="WhenAway.Open"/>.</summary>
    public WhenAway WhenAway { get; init; }

    /// <summary>Whether anything is limited.</summary>
    public bool IsOn => Key is not null || Address is not null;

    /// <summary>The limit of a caller; null for none.</summary>
    public RateLimit? Of(CallerKind caller) => caller == CallerKind.Stranger ? Address : Key;

    /// <exception cref="ApiConfigurationException">A value can't be read, or there is no cache to keep the buckets in.</exception>
    public static RateLimitOptions From(IConfiguration configuration, DependencyOptions dependencies)
    {
        var hasCache = dependencies.Cache is not null;
        var options = new RateLimitOptions
        {
            Key = Read(configuration, KeyRateVariable, KeyBurstVariable, hasCache ? DefaultKeyRate : 0, DefaultKeyBurstSeconds),
            Address = Read(configuration, AddressRateVariable, AddressBurstVariable, hasCache ? DefaultAddressRate : 0, DefaultAddressBurstSeconds),
            WhenAway = configuration.Text(WhenAwayVariable) switch
            {
                null or "open" => WhenAway.Open,
                "closed" => WhenAway.Closed,
                var other => throw new ApiConfigurationException($"{WhenAwayVariable} must be open or closed, not '{other}'."),
            },
        };
        if (options.IsOn && !hasCache)
        {
            throw new ApiConfigurationException(
                $"{KeyRateVariable} and {AddressRateVariable} need a cache that all replicas share: set {DependencyOptions.CachePrefix}REDIS_ADDRESS.");
        }

        return options;
    }

    private static RateLimit? Read(IConfiguration configuration, string rateVariable, string burstVariable, int defaultRate, int defaultBurstSeconds)
    {
        var rate = ReadNumber(configuration, rateVariable, 0, RateLimit.MaxRate) ?? defaultRate;
        var burst = ReadNumber(configuration, burstVariable, 1, RateLimit.MaxBurst);
        return rate == 0 ? null : new RateLimit(rate, burst ?? rate * defaultBurstSeconds);
    }

    private static int? ReadNumber(IConfiguration configuration, string variable, int least, int most)
    {
        if (configuration.Text(variable) is not { } text)
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new ApiConfigurationException($"{variable} must be a whole number from {least} to {most}, not '{text}'.");
    }
}
