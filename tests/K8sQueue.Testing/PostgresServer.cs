using System.Diagnostics;

namespace K8sQueue.Testing;

/// <summary>
/// A real PostgreSQL on loopback with a data folder of its own. It can be stopped, frozen and started again on the same port. Everybody
/// signs in with a password (scram-sha-256).
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    public const string User = "postgres";
    public const string Password = "postgres-Secret-0815";

    private static readonly string Binaries = FindBinaries();

    private readonly string _directory = Directory.CreateTempSubdirectory("k8squeue-postgres-").FullName;
    private readonly string _address;
    private readonly string[] _settings;
    private ServerProcess? _process;

    private PostgresServer(int port, string address, string[] settings)
    {
        Port = port;
        _address = address;
        _settings = settings;
    }

    public int Port { get; }

    /// <summary>For Npgsql, as the superuser, without a pool (which would keep connections that a test counts).</summary>
    public string ConnectionString => ConnectionStringOf(User, Password);

    public string ConnectionStringOf(string user, string password, string database = "postgres") =>
        $"Host=127.0.0.1;Port={Port};Username={user};Password={password};Database={database};Pooling=false;Timeout=5";

    /// <summary>Starts a server; settings are the server's own (<c>max_connections=20</c>) and override the defaults here.</summary>
    public static Task<PostgresServer> StartAsync(params string[] settings) => StartAtAsync("127.0.0.1", settings);

    /// <summary>The same on another address of this machine, too, for clients of that address's network.</summary>
    public static async Task<PostgresServer> StartAtAsync(string address, params string[] settings)
    {
        var server = new PostgresServer(FreePort.Next(), address, settings);
        try
        {
            await server.InitializeAsync();
            await server.RestartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops the server where it runs, and starts it on the same port and data, with further settings where some are given.</summary>
    public async Task RestartAsync(params string[] settings)
    {
        await StopAsync();
        string[] defaults =
        [
            $"port={Port}", $"listen_addresses={string.Join(',', new[] { "127.0.0.1", _address }.Distinct())}", "unix_socket_directories=", "fsync=off", "full_page_writes=off",
            "synchronous_commit=off", "shared_buffers=16MB", "max_connections=100",
        ];
        var start = AsServerUser("postgres", "-D", DataFolder);
        foreach (var setting in defaults.Concat(_settings).Concat(settings))
        {
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add(setting);
        }

        _process = ServerProcess.Start(start);
        await _process.ReadyAsync(AnswersAsync, TimeSpan.FromMinutes(2));
    }

    /// <summary>Runs SQL by psql, as the superuser; returns what it prints, without headers or alignment.</summary>
    public async Task<string> ExecuteAsync(string sql, string database = "postgres")
    {
        var start = new ProcessStartInfo(Path.Combine(Binaries, "psql"),
            ["-h", "127.0.0.1", "-p", $"{Port}", "-U", User, "-d", database, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"]);
        start.Environment["PGPASSWORD"] = Password;
        return (await ServerProcess.RunAsync(start, sql)).Trim();
    }

    /// <summary>SIGSTOP to the postmaster: a connection is accepted by the kernel, nothing is answered.</summary>
    public Task FreezeAsync() => _process!.SignalAsync("STOP");

    /// <summary>SIGCONT, after <see cref="FreezeAsync"/>.</summary>
    public Task ThawAsync() => _process!.SignalAsync("CONT");

    /// <summary>A fast shutdown: connections are cut, and it waits for the end.</summary>
    public Task StopAsync() => EndAsync("INT");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.SignalAsync("CONT");
        await EndAsync("QUIT");
        Directory.Delete(_directory, recursive: true);
    }

    private string DataFolder => Path.Combine(_directory, "data");

    private async Task EndAsync(string signal)
    {
        if (_process is null)
            return;
        await _process.EndAsync(signal);
        _process.Dispose();
        _process = null;
    }

    private async Task InitializeAsync()
    {
        var passwordFile = Path.Combine(_directory, "password");
        await File.WriteAllTextAsync(passwordFile, Password);
        if (Environment.IsPrivilegedProcess)
            await ServerProcess.RunAsync(new ProcessStartInfo("chown", ["-R", User, _directory]));
        await ServerProcess.RunAsync(AsServerUser(
            "initdb", "-D", DataFolder, "-U", User, "--no-sync", "--no-instructions", "--auth", "scram-sha-256", "--pwfile", passwordFile,
            "--encoding", "UTF8", "--locale", "C"));
        await File.AppendAllTextAsync(Path.Combine(DataFolder, "pg_hba.conf"), "host all all samenet scram-sha-256\n");
    }

    private async Task<bool> AnswersAsync()
    {
        using var ready = Process.Start(new ProcessStartInfo(Path.Combine(Binaries, "pg_isready"), ["-q", "-h", "127.0.0.1", "-p", $"{Port}", "-t", "1"]))!;
        await ready.WaitForExitAsync();
        return ready.ExitCode == 0;
    }

    /// <summary>PostgreSQL refuses to run as root; its package has made a user for it.</summary>
    private ProcessStartInfo AsServerUser(string command, params string[] arguments)
    {
        var path = Path.Combine(Binaries, command);
        var start = Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("setpriv", ["--reuid", User, "--regid", User, "--clear-groups", path, .. arguments])
            : new ProcessStartInfo(path, arguments);
        start.WorkingDirectory = _directory;
        return start;
    }

    /// <summary>Debian keeps them out of PATH, in a folder a version.</summary>
    private static string FindBinaries()
    {
        const string versions = "/usr/lib/postgresql";
        var newest = Directory.Exists(versions)
            ? Directory.GetDirectories(versions).Where(version => File.Exists(Path.Combine(version, "bin", "initdb")))
                .MaxBy(version => int.TryParse(Path.GetFileName(version), out var number) ? number : 0)
            : null;
        return newest is null ? "" : Path.Combine(newest, "bin");
    }
}
