using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;

namespace K8sQueue.Testing;

/// <summary>
/// A real RabbitMQ on loopback with its management API and folders of its own. It takes some seconds to start: share it within a test class.
/// </summary>
public sealed class RabbitMqServer : IAsyncDisposable
{
    public const string User = "admin";
    public const string Password = "rabbit-Secret-0815";

    // The script itself: what Debian has in PATH changes the user and forgets the environment.
    private const string Script = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    // Erlang's start is ten seconds of a processor, which others may want as well.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly string _directory = Directory.CreateTempSubdirectory("k8squeue-rabbitmq-").FullName;
    private readonly int _epmdPort = FreePort.Next();
    private readonly int _distributionPort = FreePort.Next();
    private readonly HttpClient _http;
    private ServerProcess? _epmd;
    private ServerProcess? _process;

    private RabbitMqServer()
    {
        _http = new HttpClient { BaseAddress = ManagementUrl, Timeout = TimeSpan.FromSeconds(10) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}")));
    }

    /// <summary>Where AMQP is spoken.</summary>
    public int Port { get; } = FreePort.Next();

    public int ManagementPort { get; } = FreePort.Next();

    public Uri ManagementUrl => new($"http://127.0.0.1:{ManagementPort}/");

    /// <summary><c>amqp://user:password@127.0.0.1:port/</c>, as an administrator, in the virtual host <c>/</c>.</summary>
    public Uri AmqpUrl => new($"amqp://{User}:{Password}@127.0.0.1:{Port}/");

    /// <summary>Starts a server; settings are lines of rabbitmq.conf.</summary>
    public static async Task<RabbitMqServer> StartAsync(params string[] settings)
    {
        var server = new RabbitMqServer();
        try
        {
            await server.WriteConfigurationAsync(settings);
            await server.StartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Calls the management API as the administrator: <c>PUT api/vhost-limits/%2F/max-connections {"value":10}</c>.</summary>
    public async Task<string> ManageAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? text : throw new InvalidOperationException($"{method} {path}: {(int)response.StatusCode} {text}");
    }

    /// <summary>Starts the server again after <see cref="StopAsync"/>, on the same ports and data.</summary>
    public async Task StartAsync()
    {
        if (_process is not null)
            throw new InvalidOperationException("RabbitMQ is running already.");

        // A name server of its own: else the first node starts one for the whole machine, which nobody ends.
        _epmd ??= ServerProcess.Start(new ProcessStartInfo("epmd", ["-address", "127.0.0.1", "-port", $"{_epmdPort}"]));
        var start = new ProcessStartInfo(Script) { WorkingDirectory = _directory };
        foreach (var (name, value) in Variables())
            start.Environment[name] = value;
        _process = ServerProcess.Start(start);
        await _process.ReadyAsync(AnswersAsync, Patience);
    }

    /// <summary>SIGTERM, and waits for the end.</summary>
    public async Task StopAsync()
    {
        if (_process is null)
            return;
        await _process.EndAsync("TERM");
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        _process?.Dispose();
        _epmd?.Dispose();
        _http.Dispose();
        for (var attempt = 0; Directory.Exists(_directory) && attempt < 20; attempt++)
        {
            try
            {
                Directory.Delete(_directory, recursive: true);
            }
            catch (IOException)
            {
                // Erlang's helper processes end a moment after it and may still write.
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            }
        }
    }

    private IEnumerable<(string Name, string Value)> Variables() =>
    [
        ("HOME", _directory),
        ("ERL_EPMD_PORT", $"{_epmdPort}"),
        ("ERL_EPMD_ADDRESS", "127.0.0.1"),
        ("RABBITMQ_NODENAME", $"k8squeue-{Port}@localhost"),
        ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1"),
        ("RABBITMQ_NODE_PORT", $"{Port}"),
        ("RABBITMQ_DIST_PORT", $"{_distributionPort}"),
        ("RABBITMQ_CONFIG_FILE", Path.Combine(_directory, "rabbitmq.conf")),
        ("RABBITMQ_CONF_ENV_FILE", Path.Combine(_directory, "rabbitmq-env.conf")),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", Path.Combine(_directory, "enabled_plugins")),
        ("RABBITMQ_MNESIA_BASE", Path.Combine(_directory, "mnesia")),
        ("RABBITMQ_LOG_BASE", Path.Combine(_directory, "log")),
        ("RABBITMQ_LOGS", "-"),
        ("RABBITMQ_PID_FILE", Path.Combine(_directory, "pid")),
        ("RABBITMQ_GENERATED_CONFIG_DIR", Path.Combine(_directory, "generated")),
        ("RABBITMQ_FEATURE_FLAGS_FILE", Path.Combine(_directory, "feature_flags")),
        ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}"),
    ];

    private async Task WriteConfigurationAsync(string[] settings)
    {
        string[] lines =
        [
            $"listeners.tcp.default = 127.0.0.1:{Port}", "management.tcp.ip = 127.0.0.1", $"management.tcp.port = {ManagementPort}",
            $"default_user = {User}", $"default_pass = {Password}", "default_user_tags.administrator = true",
            "log.console = true", "log.console.level = warning",
            // How soon the management API knows of a connection, ms.
            "collect_statistics_interval = 1000", .. settings,
        ];
        await File.WriteAllLinesAsync(Path.Combine(_directory, "rabbitmq.conf"), lines);
        await File.WriteAllTextAsync(Path.Combine(_directory, "enabled_plugins"), "[rabbitmq_management].\n");
        await File.WriteAllTextAsync(Path.Combine(_directory, "rabbitmq-env.conf"), "");
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            return (await ManageAsync(HttpMethod.Get, "api/aliveness-test/%2F")).Contains("ok", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or InvalidOperationException)
        {
            return false;
        }
    }
}
