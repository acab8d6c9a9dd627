using K8sQueue.Api.Hosting;
using K8sQueue.Core.Redis;
using Npgsql;

namespace K8sQueue.Api.Health;

/// <summary>What the API depends on beside the queue, as far as it was told. docs/reference/api.md lists the settings.</summary>
internal sealed record DependencyOptions
{
    public const string CachePrefix = "K8SQUEUE_CACHE_";
    public const string PostgresVariable = "K8SQUEUE_POSTGRES_CONNECTION";
    public const string PostgresFileVariable = PostgresVariable + "_FILE";
    public const string SchemaCheckVariable = "K8SQUEUE_POSTGRES_SCHEMA_CHECK";

    private static readonly string[] CacheKeys =
    [
        RedisQueueConfiguration.Address, RedisQueueConfiguration.Password, RedisQueueConfiguration.PasswordFile,
        RedisQueueConfiguration.Database, RedisQueueConfiguration.Tls, RedisQueueConfiguration.CaFile,
    ];

    /// <summary>The cache's Redis; null where there is none.</summary>
    public RedisQueueOptions? Cache { get; init; }

    /// <summary>A connection string of Npgsql; null where there is none, or where a file has it.</summary>
    public string? Postgres { get; init; }

    /// <summary>A file that holds the connection string, read at each check.</summary>
    public string? PostgresFile { get; init; }

    /// <summary>A query that answers true while the schema is current; null for none.</summary>
    public string? SchemaCheck { get; init; }

    /// <exception cref="ApiConfigurationException">A value can't be read.</exception>
    public static DependencyOptions From(IConfiguration configuration)
    {
        var options = new DependencyOptions
        {
            Cache = CacheFrom(configuration),
            Postgres = configuration.Text(PostgresVariable),
            PostgresFile = configuration.Text(PostgresFileVariable),
            SchemaCheck = configuration.Text(SchemaCheckVariable),
        };
        if (options is { Postgres: not null, PostgresFile: not null })
            throw new ApiConfigurationException($"Set {PostgresVariable} or {PostgresFileVariable}, not both.");
        if (options is { SchemaCheck: not null, Postgres: null, PostgresFile: null })
            throw new ApiConfigurationException($"{SchemaCheckVariable} is for {PostgresVariable} or {PostgresFileVariable}, and neither is set.");
        if (options.Postgres is { } text)
            _ = ParsePostgres(text);
        return options;
    }

    /// <summary>The cache's Redis, for calls that take no longer than this; null where there is none.</summary>
    public RedisQueueOptions? CacheWithin(TimeSpan timeout) => Cache is null ? null : new RedisQueueOptions
    {
        Address = Cache.Address,
        Password = Cache.Password,
        PasswordFile = Cache.PasswordFile,
        Database = Cache.Database,
        Tls = Cache.Tls,
        CaFile = Cache.CaFile,
        ClientName = Cache.ClientName,
        OperationTimeout = timeout,
    };

    /// <summary>Reads a connection string. It is never shown: it has a password.</summary>
    /// <exception cref="ApiConfigurationException">It is not one of Npgsql.</exception>
    public static NpgsqlConnectionStringBuilder ParsePostgres(string text)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(text.Trim());
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            throw new ApiConfigurationException(
                $"{PostgresVariable} is not a connection string of Npgsql: write Host=postgres;Database=app;Username=app;Password=...");
        }
    }

    private static RedisQueueOptions? CacheFrom(IConfiguration configuration)
    {
        if (string.IsNullOrEmpty(configuration[CachePrefix + RedisQueueConfiguration.Address]))
            return null;
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection(CacheKeys.Select(key => KeyValuePair.Create(key, configuration[CachePrefix + key]))).Build();
        try
        {
            var options = new RedisQueueOptions { ClientName = "k8squeue-api", OperationTimeout = Dependencies.Deadline }.Bind(settings);
            var checkedOptions = new RedisQueueOptionsValidator().Validate(null, options);
            return checkedOptions.Failed ? throw new FormatException(checkedOptions.FailureMessage) : options;
        }
        catch (FormatException e)
        {
            // The queue's Redis has the same settings.
            throw new ApiConfigurationException(
                e.Message.Replace(RedisQueueConfiguration.Prefix, "", StringComparison.Ordinal).Replace("REDIS_", CachePrefix + "REDIS_", StringComparison.Ordinal));
        }
    }
}
