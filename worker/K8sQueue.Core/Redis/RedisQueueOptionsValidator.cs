using Microsoft.Extensions.Options;

namespace K8sQueue.Core.Redis;

/// <summary>Says every fault of <see cref="RedisQueueOptions"/> at once.</summary>
public sealed class RedisQueueOptionsValidator : IValidateOptions<RedisQueueOptions>
{
    public ValidateOptionsResult Validate(string? name, RedisQueueOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var faults = Faults(options).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    /// <exception cref="ArgumentException">A setting is missing or out of its range.</exception>
    internal static void ThrowIfInvalid(RedisQueueOptions options)
    {
        var faults = Faults(options).ToList();
        if (faults.Count > 0)
            throw new ArgumentException(string.Join(" ", faults), nameof(options));
    }

    private static IEnumerable<string> Faults(RedisQueueOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Address))
            yield return $"{RedisQueueConfiguration.Address} is missing: set it to host:port.";
        else if (!RedisAddress.TryParse(options.Address, out _))
            yield return $"{RedisQueueConfiguration.Address} '{options.Address}' is not host:port.";
        if (options.Database is < 0 or > 65535)
            yield return $"{RedisQueueConfiguration.Database} must be 0 to 65535, not {options.Database}.";
        if (options.CaFile is not null && !options.Tls)
            yield return $"{RedisQueueConfiguration.CaFile} is set but {RedisQueueConfiguration.Tls} is not: set it to true.";
        if (string.IsNullOrEmpty(options.ClientName) || !options.ClientName.All(c => c is > ' ' and <= '~'))
            yield return "The client name must be printable ASCII without spaces.";
        foreach (var (what, value) in Spans(options))
        {
            if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(365))
                yield return $"{what} must be above 0 and at most 365 days, not {value}.";
        }

        foreach (var (key, value) in SpansOfEnvironment(options))
        {
            if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(365))
                yield return $"{key} must be above 0 and at most 31536000 (365 days), not {value.TotalSeconds:0.###}.";
        }

        // A pause of the server just too short for the reaper to notice must not outlast a lease.
        var least = (3 * options.MaintenanceInterval) + (2 * options.HeartbeatInterval);
        if (options.Lease < least)
        {
            yield return $"{RedisQueueConfiguration.Lease} must be at least three maintenance and two heartbeat intervals ({least.TotalSeconds:0.###}), "
                + $"not {options.Lease.TotalSeconds:0.###}.";
        }

        if (!Enum.IsDefined(options.Durability))
            yield return $"{RedisQueueConfiguration.Durability} must be async or fsync, not {options.Durability}.";
        if (options.FsyncReplicas is < 0 or > 16 || (options.FsyncReplicas > 0 && options.Durability != JobDurability.Fsync))
            yield return $"{RedisQueueConfiguration.FsyncReplicas} must be 0 to 16, and 0 without {RedisQueueConfiguration.Durability} fsync, not {options.FsyncReplicas}.";
        if (options.EventsLimit is < 0 or > 1_000_000)
            yield return $"{RedisQueueConfiguration.EventsLimit} must be 0 to 1000000, not {options.EventsLimit}.";
        if (options.MaxPayloadBytes is < 1024 or > 16 * 1024 * 1024)
            yield return $"{RedisQueueConfiguration.MaxPayloadBytes} must be 1024 to 16777216, not {options.MaxPayloadBytes}.";
        if (options.InlinePayloadBytes is < 1 or > 1024 * 1024)
            yield return $"{RedisQueueConfiguration.InlinePayloadBytes} must be 1 to 1048576, not {options.InlinePayloadBytes}.";
        if (options.CompressAboveBytes < 0)
            yield return $"{RedisQueueConfiguration.CompressAboveBytes} must be 0 or more, not {options.CompressAboveBytes}.";
        if (options.MaxCrashes < 1)
            yield return $"{RedisQueueConfiguration.MaxCrashes} must be at least 1, not {options.MaxCrashes}.";
    }

    private static IEnumerable<(string What, TimeSpan Value)> Spans(RedisQueueOptions options) =>
    [
        (nameof(options.HeartbeatInterval), options.HeartbeatInterval),
        (nameof(options.MaintenanceInterval), options.MaintenanceInterval),
        (nameof(options.OperationTimeout), options.OperationTimeout),
        (nameof(options.IdleWait), options.IdleWait),
        (nameof(options.PausedPollInterval), options.PausedPollInterval),
        (nameof(options.ConsumerExpiry), options.ConsumerExpiry),
    ];

    private static IEnumerable<(string Key, TimeSpan Value)> SpansOfEnvironment(RedisQueueOptions options) =>
    [
        (RedisQueueConfiguration.Lease, options.Lease),
        (RedisQueueConfiguration.CompletedRetention, options.CompletedRetention),
        (RedisQueueConfiguration.DeadRetention, options.DeadRetention),
    ];
}
