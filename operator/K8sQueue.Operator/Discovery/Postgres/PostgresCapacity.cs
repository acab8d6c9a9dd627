using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Status;
using Npgsql;

namespace K8sQueue.Operator.Discovery.Postgres;

/// <summary>Reads the limits of a PostgreSQL and who is connected, over one connection that is closed again at once.</summary>
internal static class PostgresCapacity
{
    /// <summary>
    /// What the server, the role and the database allow; -1 is no limit. Reserved connections of their own came with version 16.
    /// https://www.postgresql.org/docs/current/runtime-config-connection.html
    /// </summary>
    private const string Limits = """
        SELECT current_setting('max_connections')::int,
               current_setting('superuser_reserved_connections')::int,
               coalesce(current_setting('reserved_connections', true)::int, 0),
               r.rolconnlimit, d.datconnlimit,
               pg_has_role(session_user, 'pg_read_all_stats', 'usage')
        FROM pg_roles r, pg_database d WHERE r.rolname = session_user AND d.datname = current_database()
        """;

    /// <summary>Connections of clients within the limit that counts; this one is not among them.</summary>
    private const string Activity = """
        SELECT coalesce(application_name, ''), coalesce(host(client_addr), 'local'), count(*)::int
        FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
          AND ($1 <> 'role' OR usename = session_user) AND ($1 <> 'database' OR datname = current_database())
        GROUP BY 1, 2 ORDER BY 1, 2
        """;

    private const string Hidden = "The role of the connection string does not see who else is connected: GRANT pg_monitor TO it.";

    public static async Task<CapacityReading> ReadAsync(
        PostgresServerSpec server, BudgetSecrets secrets, ServerGuard guard, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var text = await secrets.ReadAsync(server.ConnectionSecretRef, cancellationToken).ConfigureAwait(false);
        var authority = await secrets.ReadAsync(server.CaSecretRef, null, cancellationToken).ConfigureAwait(false);
        if (!PostgresConnectionString.TryParse(text, out var settings))
        {
            throw new CapacityReadException(Reasons.SecretNotFound,
                $"The key '{server.ConnectionSecretRef.Key}' of the Secret '{server.ConnectionSecretRef.Name}' holds no connection string: "
                + "write postgresql://user:password@host:port/database.");
        }

        secrets.Conceal(settings.Password);
        // The server quotes names in what it says.
        secrets.Conceal($"\"{settings.Username}\"");
        secrets.Conceal($"\"{settings.Database}\"");
        var where = string.Create(CultureInfo.InvariantCulture, $"PostgreSQL at {settings.Host}:{settings.Port}");
        foreach (var host in settings.Host!.Split(','))
            await guard.CheckAsync(where, host, cancellationToken).ConfigureAwait(false);
        try
        {
            var source = Source(settings, authority, timeout);
            await using var _ = source.ConfigureAwait(false);
            var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await using var __ = connection.ConfigureAwait(false);
            return await ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        }
        catch (CryptographicException e)
        {
            throw new CapacityReadException(Reasons.SecretNotFound, $"The Secret '{server.CaSecretRef?.Name}' holds no certificate in PEM.", e);
        }
        catch (PostgresException e)
        {
            throw FromServer(e, where);
        }
        catch (Exception e) when (e is NpgsqlException or SocketException or TimeoutException or IOException or AuthenticationException)
        {
            throw new CapacityReadException(Reasons.ServerUnreachable, $"{where} can't be reached: {Innermost(e).Message}", e);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or NotSupportedException or FormatException)
        {
            // Of the driver, about the settings: its message may repeat them.
            throw new CapacityReadException(Reasons.ReadFailed, $"{where}: the connection string asks for something that can't be done.", e);
        }
    }

    private static NpgsqlDataSource Source(NpgsqlConnectionStringBuilder settings, string? authority, TimeSpan timeout)
    {
        settings.ApplicationName = CapacityReader.ClientName;
        settings.Pooling = false;
        settings.Timeout = settings.CommandTimeout = (int)timeout.TotalSeconds;
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        if (authority is not null)
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(authority);
            builder.UseRootCertificates(certificates);
        }

        return builder.Build();
    }

    private static async Task<CapacityReading> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var (capacity, scope, detail, sees) = await LimitsAsync(connection, cancellationToken).ConfigureAwait(false);
        if (!sees)
            return new CapacityReading(capacity, detail, null, Hidden);
        using var command = new NpgsqlCommand(Activity, connection) { Parameters = { new() { Value = scope } } };
        var live = new List<LiveConnections>();
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            live.Add(new LiveConnections(reader.GetString(0), reader.GetString(1), reader.GetInt32(2)));
        return new CapacityReading(capacity, detail, live);
    }

    private static async Task<(int Capacity, string Scope, string Detail, bool Sees)> LimitsAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand(Limits, connection);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = reader.ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        var (max, superuser, reserved) = (reader.GetInt32(0), reader.GetInt32(1), reader.GetInt32(2));
        var server = string.Create(CultureInfo.InvariantCulture, $"max_connections {max}, less {superuser + reserved} reserved by the server");
        (int Limit, string Scope, string Detail) least = (max - superuser - reserved, "server", server);
        if (reader.GetInt32(3) is >= 0 and var role && role < least.Limit)
            least = (role, "role", string.Create(CultureInfo.InvariantCulture, $"the role's own limit of {role}"));
        if (reader.GetInt32(4) is >= 0 and var database && database < least.Limit)
            least = (database, "database", string.Create(CultureInfo.InvariantCulture, $"the database's own limit of {database}"));
        return (least.Limit, least.Scope, least.Detail, reader.GetBoolean(5));
    }

    private static CapacityReadException FromServer(PostgresException e, string where) => e.SqlState switch
    {
        // In words of our own: the server's name the user and the database, which come from a Secret.
        PostgresErrorCodes.InvalidPassword => new(Reasons.AccessDenied, $"{where} refused the role or its password.", e),
        PostgresErrorCodes.InvalidAuthorizationSpecification => new(Reasons.AccessDenied,
            $"{where} lets the role not in from here: see pg_hba.conf, TLS, and whether the role may log in.", e),
        PostgresErrorCodes.InvalidCatalogName => new(Reasons.AccessDenied, $"{where} has no database of that name.", e),
        PostgresErrorCodes.InsufficientPrivilege => new(Reasons.AccessDenied, $"{where}: the role may not connect to that database.", e),
        PostgresErrorCodes.TooManyConnections => new(Reasons.ReadFailed,
            $"{where} has no connection left even for one look: {e.MessageText}. Keep some in reserved.", e),
        PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown =>
            new(Reasons.ServerUnreachable, $"{where} does not serve now: {e.MessageText}", e),
        _ => new(Reasons.ReadFailed, $"{where} answered {e.SqlState}: {e.MessageText}", e),
    };

    private static Exception Innermost(Exception e)
    {
        while (e.InnerException is { } inner)
            e = inner;
        return e;
    }
}
