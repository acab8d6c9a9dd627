using System.Data.Common;
using Npgsql;

namespace K8sQueue.Operator.Discovery.Postgres;

/// <summary>
/// Reads a connection string as applications have it: a URL, libpq's <c>host=x user=y</c>, or .NET's <c>Host=x;Username=y</c>. Only what says
/// where and as whom to connect is taken over: the rest is the application's, and may name files of another machine.
/// </summary>
internal static class PostgresConnectionString
{
    private const int DefaultPort = 5432;

    /// <summary>False where it is none of these. What is wrong is not said: a part of it would be a part of a secret.</summary>
    public static bool TryParse(string text, out NpgsqlConnectionStringBuilder connection)
    {
        connection = new NpgsqlConnectionStringBuilder();
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var isRead = text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase)
            ? TryReadUrl(text, values)
            : TryReadPairs(text, values);
        return isRead && TryTakeOver(values, connection);
    }

    private static bool TryReadUrl(string text, Dictionary<string, string> values)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
            return false;
        values["host"] = uri.Host.Trim('[', ']');
        values["port"] = FormattableString.Invariant($"{(uri.Port > 0 ? uri.Port : DefaultPort)}");
        if (uri.AbsolutePath.Length > 1)
            values["database"] = Uri.UnescapeDataString(uri.AbsolutePath[1..]);
        var user = uri.UserInfo.Split(':', 2);
        if (user[0].Length > 0)
            values["user"] = Uri.UnescapeDataString(user[0]);
        if (user.Length > 1)
            values["password"] = Uri.UnescapeDataString(user[1]);
        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            if (parts.Length == 2)
                values.TryAdd(Uri.UnescapeDataString(parts[0]), Uri.UnescapeDataString(parts[1]));
        }

        return true;
    }

    private static bool TryReadPairs(string text, Dictionary<string, string> values)
    {
        // libpq separates by spaces, .NET by semicolons.
        var pairs = text.Contains(';', StringComparison.Ordinal) || text.Count(character => character == '=') == 1
            ? text
            : string.Join(';', text.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        try
        {
            var parsed = new DbConnectionStringBuilder { ConnectionString = pairs };
            foreach (string key in parsed.Keys)
                values[key] = (string)parsed[key];
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool TryTakeOver(Dictionary<string, string> values, NpgsqlConnectionStringBuilder connection)
    {
        // A path is a socket of this machine.
        if (First(values, "host", "server", "data source") is not { Length: > 0 } host || host.Contains('/', StringComparison.Ordinal))
            return false;
        connection.Host = host;
        connection.Username = First(values, "user", "username", "user id", "uid", "user name");
        connection.Password = First(values, "password", "pwd");
        connection.Database = First(values, "database", "dbname", "db") ?? connection.Username;
        try
        {
            connection.Port = First(values, "port") is { } port ? int.Parse(port, System.Globalization.CultureInfo.InvariantCulture) : DefaultPort;
            if (First(values, "sslmode", "ssl mode") is { } mode)
                connection.SslMode = Enum.Parse<SslMode>(mode.Replace("-", "", StringComparison.Ordinal), ignoreCase: true);
            return true;
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            return false;
        }
    }

    private static string? First(Dictionary<string, string> values, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (values.TryGetValue(key, out var value))
                return value;
        }

        return null;
    }
}
