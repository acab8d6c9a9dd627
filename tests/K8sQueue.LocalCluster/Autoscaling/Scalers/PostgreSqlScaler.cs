using System.Globalization;
using Npgsql;

namespace K8sQueue.LocalCluster.Autoscaling.Scalers;

/// <summary>KEDA's <c>postgresql</c>: the number that a query answers.</summary>
internal sealed class PostgreSqlScaler : IScaler
{
    private readonly NpgsqlDataSource _source;
    private readonly string _query;

    public PostgreSqlScaler(TriggerSettings settings)
    {
        _query = settings.Required("query");
        Target = settings.Number("targetQueryValue", 0);
        Activation = settings.Number("activationTargetQueryValue", 0);
        MetricName = settings.MetricName("postgresql");
        _source = NpgsqlDataSource.Create(ConnectionOf(settings));
    }

    public string MetricName { get; }

    public double Target { get; }

    public double Activation { get; }

    public async Task<double> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var command = _source.CreateCommand(_query);
            await using (command.ConfigureAwait(false))
                return Convert.ToDouble(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false), CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidCastException or FormatException)
        {
            throw new ScalerException($"could not query postgreSQL: {e.Message}", e);
        }
    }

    public void Dispose() => _source.Dispose();

    private static string ConnectionOf(TriggerSettings settings)
    {
        if (settings.Authentication("connection") is not null)
            throw new ScalerException("LocalCluster reads no connection string of libpq: set host, port, userName, dbName and sslmode");
        return new NpgsqlConnectionStringBuilder
        {
            Host = settings.Text("host") ?? throw new ScalerException("no host given"),
            Port = (int)settings.Number("port", 5432),
            Username = settings.Text("userName") ?? throw new ScalerException("no userName given"),
            Database = settings.Text("dbName") ?? throw new ScalerException("no dbName given"),
            Password = settings.Authentication("password"),
            SslMode = settings.Text("sslmode") switch
            {
                "disable" => SslMode.Disable,
                "prefer" => SslMode.Prefer,
                "require" => SslMode.Require,
                "verify-ca" => SslMode.VerifyCA,
                "verify-full" => SslMode.VerifyFull,
                _ => throw new ScalerException("no sslmode given"),
            },
            MaxPoolSize = 2,
            Timeout = 3,
            CommandTimeout = 3,
        }.ConnectionString;
    }
}
