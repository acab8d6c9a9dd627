using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace K8sQueue.Testing;

/// <summary>
/// A real redis-server on loopback with a directory of its own. It can be stopped, killed and started again on the same port.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    // Another server that speaks the protocol, for example valkey-server.
    private static readonly string Program = Environment.GetEnvironmentVariable("K8SQUEUE_TEST_REDIS_SERVER") is { Length: > 0 } path ? path : "redis-server";

    private readonly string _directory = Directory.CreateTempSubdirectory("k8squeue-redis-").FullName;
    private readonly string[] _launcher;
    private readonly string[] _arguments;
    private Process? _process;

    private RedisServer(int port, string[] launcher, string[] arguments)
    {
        Port = port;
        _launcher = launcher;
        _arguments = arguments;
    }

    public int Port { get; }

    /// <summary>Where it keeps its files.</summary>
    public string DataFolder => _directory;

    /// <summary><c>127.0.0.1:port</c>.</summary>
    public string Address => $"127.0.0.1:{Port}";

    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("redis-server is not running.");

    /// <summary>Starts a server; arguments are redis-server's own (<c>--appendonly yes</c>) and override the defaults here.</summary>
    public static Task<RedisServer> StartAsync(params string[] arguments) => StartByAsync([], arguments);

    /// <summary>The same by a command that executes what follows it (<c>sh -c 'exec "$@"' sh</c>), to prepare the process.</summary>
    public static async Task<RedisServer> StartByAsync(string[] launcher, params string[] arguments)
    {
        var server = new RedisServer(FreePort.Next(), launcher, arguments);
        await server.StartAsync();
        return server;
    }

    /// <summary>Starts the server again after <see cref="Kill"/> or <see cref="StopAsync"/>, on the same port and data.</summary>
    public async Task StartAsync()
    {
        if (_process is not null)
            throw new InvalidOperationException("redis-server is running already.");
        string[] command = [.. _launcher, Program];
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _directory,
        };
        string[] defaults =
        [
            "--port", $"{Port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", _directory,
            "--maxmemory-policy", "noeviction", "--daemonize", "no",
        ];
        foreach (var argument in command.Skip(1).Concat(defaults).Concat(_arguments))
            start.ArgumentList.Add(argument);
        try
        {
            _process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException("redis-server is not installed; `make tools` installs it.", e);
        }

        var output = new StringBuilder();
        _process.OutputDataReceived += (_, e) => Append(output, e.Data);
        _process.ErrorDataReceived += (_, e) => Append(output, e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Eventually.IsTrue(async () =>
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"redis-server ended with {_process.ExitCode}: {output}");
            return await AnswersAsync();
        });
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        if (_process is null)
            return;
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>SIGSTOP: connections stay open, nothing is answered.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    /// <summary>SIGCONT, after <see cref="FreezeAsync"/>.</summary>
    public Task ThawAsync() => SignalAsync("CONT");

    /// <summary>SIGTERM, and waits for the end.</summary>
    public async Task StopAsync()
    {
        if (_process is null)
            return;
        await SignalAsync("TERM");
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        Directory.Delete(_directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{ProcessId}"]);
        await kill.WaitForExitAsync();
    }

    private static void Append(StringBuilder output, string? line)
    {
        lock (output)
            output.AppendLine(line);
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", Port);
            var stream = client.GetStream();
            await stream.WriteAsync("PING\r\n"u8.ToArray());
            var buffer = new byte[64];
            var read = await stream.ReadAsync(buffer);

            // With requirepass the answer is -NOAUTH, which is an answer.
            return read > 0 && !Encoding.ASCII.GetString(buffer, 0, read).StartsWith("-LOADING", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }
}
