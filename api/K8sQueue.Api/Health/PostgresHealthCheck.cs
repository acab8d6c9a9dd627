using K8sQueue.Api.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace K8sQueue.Api.Health;

/// <summary>
/// Whether PostgreSQL answers, and its schema is current. It keeps no connection: pods and their budgets are what those are for. The connection string
/// of a file is read at each check, so that a rotated password is taken.
/// </summary>
internal sealed class PostgresHealthCheck(DependencyOptions options) : IHealthCheck
{
    private const string NotCurrent = "The schema is not current: apply the migrations.";

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var deadline = new CancellationTokenSource(Dependencies.Deadline, TimeProvider.System);
        using var turn = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await CheckAsync(turn.Token) is { } fault ? HealthCheckResult.Unhealthy(fault) : HealthCheckResult.Healthy();
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"PostgreSQL did not answer within {Dependencies.Deadline.TotalSeconds:0} s.");
        }
        catch (PostgresException e)
        {
            return HealthCheckResult.Unhealthy(Explain(e));
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy($"PostgreSQL can't be reached: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ApiConfigurationException)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
    }

    /// <summary>What a refusal means. The server's own words have no password in them.</summary>
    public static string Explain(PostgresException refusal) => refusal.SqlState switch
    {
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.InvalidSchemaName => $"{NotCurrent} ({refusal.MessageText})",
        PostgresErrorCodes.CannotConnectNow => $"PostgreSQL does not serve now: {refusal.MessageText}.",
        _ => $"PostgreSQL refused: {refusal.MessageText} ({refusal.SqlState}).",
    };

    private async Task<string?> CheckAsync(CancellationToken cancellationToken)
    {
        var text = options.PostgresFile is { } file ? await File.ReadAllTextAsync(file, cancellationToken) : options.Postgres!;
        var settings = DependencyOptions.ParsePostgres(text);
        settings.Pooling = false;
        settings.Timeout = settings.CommandTimeout = (int)Dependencies.Deadline.TotalSeconds;
        settings.ApplicationName ??= "k8squeue-api";
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);

        // The query reads: whatever it says, it changes nothing.
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var readOnly = new NpgsqlCommand("SET TRANSACTION READ ONLY", connection);
        await readOnly.ExecuteNonQueryAsync(cancellationToken);
        await using var query = new NpgsqlCommand(options.SchemaCheck ?? "SELECT true", connection);
        return await query.ExecuteScalarAsync(cancellationToken) is true ? null : NotCurrent;
    }
}
