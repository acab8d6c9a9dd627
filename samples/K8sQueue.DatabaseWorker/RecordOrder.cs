using System.Text.Json.Serialization;
using K8sQueue.Worker.Handlers;
using Npgsql;

namespace K8sQueue.DatabaseWorker;

/// <param name="Order">The order's number.</param>
/// <param name="Seconds">How long the database takes for it.</param>
internal sealed record RecordOrder(int Order, double Seconds);

/// <summary>Records an order, once: a job may start more than once, and the key sees to the rest.</summary>
internal sealed class RecordOrderHandler(NpgsqlDataSource database) : IJobHandler<RecordOrder>
{
    public async Task HandleAsync(RecordOrder payload, JobContext context, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "WITH work AS (SELECT pg_sleep($2)) INSERT INTO orders (number) SELECT $1 FROM work ON CONFLICT DO NOTHING");
        command.Parameters.Add(new() { Value = payload.Order });
        command.Parameters.Add(new() { Value = payload.Seconds });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RecordOrder))]
internal sealed partial class DatabaseWorkerJson : JsonSerializerContext;
