using System.Globalization;
using System.Text.Json.Nodes;
using K8sQueue.Quickstart.Processes;
using K8sQueue.Testing;
using Npgsql;

namespace K8sQueue.EndToEnd.Tests;

/// <summary>A real PostgreSQL that the pods of samples/K8sQueue.DatabaseWorker reach, and what they do there.</summary>
internal sealed class OrdersDatabase : IAsyncDisposable
{
    public const string SecretName = "orders-db";

    private const string Worker = "worker";
    private const string Password = "worker-Secret-4711";

    private readonly PostgresServer _server;
    private readonly NpgsqlConnection _observer;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _sampling;

    private OrdersDatabase(PostgresServer server, NpgsqlConnection observer)
    {
        _server = server;
        _observer = observer;
        _sampling = SampleAsync();
    }

    /// <summary>The most connections of workers at once, by 50 looks a second.</summary>
    public int Peak { get; private set; }

    public static async Task<OrdersDatabase> StartAsync(int maxConnections)
    {
        var server = await PostgresServer.StartAtAsync(
            EndToEndEnvironment.HostAddress, $"max_connections={maxConnections.ToString(CultureInfo.InvariantCulture)}");
        await server.ExecuteAsync($"""
            CREATE ROLE {Worker} LOGIN PASSWORD '{Password}';
            CREATE TABLE orders (number int PRIMARY KEY);
            GRANT SELECT, INSERT ON orders TO {Worker};
            """);
        var observer = new NpgsqlConnection(server.ConnectionString + ";Timeout=60");
        await observer.OpenAsync();
        return new OrdersDatabase(server, observer);
    }

    /// <summary>A Secret with the connection string, as pods and the budget need it.</summary>
    public Task CreateSecretAsync(Kubectl kubectl) => kubectl.ApplyAsync(new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = new JsonObject { ["name"] = SecretName },
        ["stringData"] = new JsonObject
        {
            ["url"] = string.Create(CultureInfo.InvariantCulture,
                $"Host={EndToEndEnvironment.HostAddress};Port={_server.Port};Username={Worker};Password={Password};Database=postgres"),
        },
    }.ToJsonString(), _stop.Token);

    public async Task<int> OrdersAsync() =>
        int.Parse(await _server.ExecuteAsync("SELECT count(*) FROM orders"), CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sampling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _observer.DisposeAsync();
        await _server.DisposeAsync();
        _stop.Dispose();
    }

    private async Task SampleAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        await using var command = new NpgsqlCommand($"SELECT count(*) FROM pg_stat_activity WHERE usename = '{Worker}' AND application_name <> 'k8squeue-operator'", _observer);
        while (await timer.WaitForNextTickAsync(_stop.Token))
            Peak = Math.Max(Peak, (int)(long)(await command.ExecuteScalarAsync(_stop.Token))!);
    }
}
