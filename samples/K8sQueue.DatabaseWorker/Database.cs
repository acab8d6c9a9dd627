using System.Globalization;
using Npgsql;

namespace K8sQueue.DatabaseWorker;

/// <summary>A pool of connections that is exactly as large as what the WorkerPool's budget charges a replica for.</summary>
internal static class Database
{
    public static string Settings(IConfiguration configuration)
    {
        var size = int.Parse(configuration["K8SQUEUE_DB_POOL_SIZE"] ?? "10", CultureInfo.InvariantCulture);
        return new NpgsqlConnectionStringBuilder(configuration["DATABASE"])
        {
            MaxPoolSize = size,
            MinPoolSize = size,

            // By this name the budget finds a lost pod's connections.
            ApplicationName = configuration["K8SQUEUE_POD_NAME"],
        }.ConnectionString;
    }
}
