using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace K8sQueue.Core.Redis;

/// <summary>
/// The configuration keys of the queue on Redis. Each is read with the prefix <c>K8SQUEUE_</c>, as the environment has it, or
/// without, where the host was given <c>AddEnvironmentVariables("K8SQUEUE_")</c>.
/// </summary>
public static class RedisQueueConfiguration
{
    /// <summary>What the environment variables start with.</summary>
    public const string Prefix = "K8SQUEUE_";

    public const string Address = "REDIS_ADDRESS";
    public const string Password = "REDIS_PASSWORD";
    public const string PasswordFile = "REDIS_PASSWORD_FILE";
    public const string Database = "REDIS_DATABASE";
    public const string Tls = "REDIS_TLS";
    public const string CaFile = "REDIS_CA_FILE";
    public const string Durability = "DURABILITY";
    public const string FsyncReplicas = "FSYNC_REPLICAS";
    public const string EventsLimit = "EVENTS_LIMIT";
    public const string MaxPayloadBytes = "MAX_PAYLOAD_BYTES";
    public const string CompressAboveBytes = "COMPRESS_ABOVE_BYTES";
    public const string InlinePayloadBytes = "INLINE_PAYLOAD_BYTES";
    public const string Lease = "LEASE_SECONDS";
    public const string MaxCrashes = "MAX_CRASHES";
    public const string CompletedRetention = "COMPLETED_RETENTION_SECONDS";
    public const string DeadRetention = "DEAD_RETENTION_SECONDS";

    /// <summary>Takes what <paramref name="configuration"/> sets; the rest of the options stays as it is.</summary>
    /// <exception cref="FormatException">A value is not of its kind; the message names the key.</exception>
    public static RedisQueueOptions Bind(this RedisQueueOptions options, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(configuration);
        options.Address = Read(configuration, Address) ?? options.Address;
        options.Password = Read(configuration, Password) ?? options.Password;
        options.PasswordFile = Read(configuration, PasswordFile) ?? options.PasswordFile;
        options.CaFile = Read(configuration, CaFile) ?? options.CaFile;
        options.Database = ReadNumber(configuration, Database) ?? options.Database;
        options.FsyncReplicas = ReadNumber(configuration, FsyncReplicas) ?? options.FsyncReplicas;
        if (Read(configuration, Durability) is { } durability)
        {
            options.Durability = durability switch
            {
                "async" => JobDurability.Async,
                "fsync" => JobDurability.Fsync,
                _ => throw new FormatException($"{Prefix}{Durability} must be async or fsync, not '{durability}'."),
            };
        }

        options.EventsLimit = ReadNumber(configuration, EventsLimit) ?? options.EventsLimit;
        options.MaxPayloadBytes = ReadNumber(configuration, MaxPayloadBytes) ?? options.MaxPayloadBytes;
        options.CompressAboveBytes = ReadNumber(configuration, CompressAboveBytes) ?? options.CompressAboveBytes;
        options.InlinePayloadBytes = ReadNumber(configuration, InlinePayloadBytes) ?? options.InlinePayloadBytes;
        options.Lease = ReadSeconds(configuration, Lease) ?? options.Lease;
        options.MaxCrashes = ReadNumber(configuration, MaxCrashes) ?? options.MaxCrashes;
        options.CompletedRetention = ReadSeconds(configuration, CompletedRetention) ?? options.CompletedRetention;
        options.DeadRetention = ReadSeconds(configuration, DeadRetention) ?? options.DeadRetention;

        if (Read(configuration, Tls) is { } tls)
        {
            options.Tls = bool.TryParse(tls, out var on)
                ? on
                : throw new FormatException($"{Prefix}{Tls} must be true or false, not '{tls}'.");
        }

        return options;
    }

    private static int? ReadNumber(IConfiguration configuration, string key)
    {
        if (Read(configuration, key) is not { } text)
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"{Prefix}{key} must be a number, not '{text}'.");
    }

    private static TimeSpan? ReadSeconds(IConfiguration configuration, string key) =>
        ReadNumber(configuration, key) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    private static string? Read(IConfiguration configuration, string key) =>
        NullIfEmpty(configuration[key]) ?? NullIfEmpty(configuration[Prefix + key]);

    private static string? NullIfEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
