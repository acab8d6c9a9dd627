using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace K8sQueue.Operator.Discovery.Postgres;

/// <summary>
/// Reads a connection string as applications have it: a URL, libpq's <c>host=x user=y</c>, or .NET's <c>Host=x;Username=y</c>. Only what says
/// where and as whom to connect is taken over: the rest is the application's, and may name files of another machine.
/// </summary>
internal static partial class PostgresConnectionString
{
    private const int DefaultPort = 5432;
    private const int MaxHost = 512;

    private static readonly string[] Schemes = ["postgresql://", "postgres://"];
    private static readonly string[] Users = ["user", "username", "user id", "uid", "user name"];
    private static readonly string[] Databases = ["database", "dbname", "db"];

    /// <summary>False where it is none of these. What is wrong is not said: a part of it would be a part of a secret.</summary>
    public static bool TryParse(string text, out NpgsqlConnectionStringBuilder connection)
    {
        if (Array.Exists(Schemes, scheme => text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)))
            return Try(TryReadUrl, text, out connection);
        // Whoever means one of them writes what the other makes no host of.
        return Try(TryReadDotNet, text, out connection) || Try(LibpqPairs.TryRead, text, out connection);
    }

    // Names and addresses. What else stands in its place may be a piece of a password, and where the server is, is told.
    [GeneratedRegex(@"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?\.?(:[0-9]{1,5})?|\[?[0-9A-Fa-f]*:[0-9A-Fa-f:.]+\]?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Host();

    private static bool Try(Func<string, Dictionary<string, string>, bool> read, string text, out NpgsqlConnectionStringBuilder connection)
    {
        connection = new NpgsqlConnectionStringBuilder();
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        return read(text, values) && TryTakeOver(values, connection);
    }

    private static bool TryReadUrl(string text, Dictionary<string, string> values)
    {
        // A password with one of these ends early, and what is left of it is taken for a host, a port, or a database: they are to be escaped.
        if (text.AsSpan().ContainsAny('#', '\\') || text.Any(character => char.IsWhiteSpace(character) || char.IsControl(character)))
            return false;
        var authority = text.IndexOf("//", StringComparison.Ordinal) + 2;
        var rest = text.IndexOfAny(['/', '?'], authority);
        if (text.Count(character => character == '@') > 1 || (rest >= 0 && text.IndexOf('@', rest) >= 0))
            return false;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
            return false;
        values["host"] = uri.Host.Trim('[', ']');
        values["port"] = (uri.Port > 0 ? uri.Port : DefaultPort).ToString(CultureInfo.InvariantCulture);
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

    private static bool TryReadDotNet(string text, Dictionary<string, string> values)
    {
        try
        {
            var parsed = new DbConnectionStringBuilder { ConnectionString = text };
            foreach (string key in parsed.Keys)
                values[key] = (string)parsed[key];
            // Else these are libpq's pairs, with a semicolon somewhere.
            return !$"{First(values, Users)}{First(values, Databases)}".Contains('=', StringComparison.Ordinal);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool TryTakeOver(Dictionary<string, string> values, NpgsqlConnectionStringBuilder connection)
    {
        // A path is a socket of this machine.
        if (First(values, "host", "server", "data source", "hostaddr") is not { Length: > 0 and <= MaxHost } host
            || !host.Split(',').All(one => Host().IsMatch(one)))
        {
            return false;
        }

        try
        {
            connection.Host = host;
            connection.Username = First(values, Users);
            connection.Password = First(values, "password", "pwd");
            connection.Database = First(values, Databases) ?? connection.Username;
            connection.Port = First(values, "port") is { } port ? int.Parse(port, CultureInfo.InvariantCulture) : DefaultPort;
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
