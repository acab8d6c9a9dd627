using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using K8sQueue.Benchmarks.Processes;
using K8sQueue.Testing;

namespace K8sQueue.Benchmarks.Api;

/// <summary>A server of the comparison as a process of its own, with one key that it knows.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    public const string Queue = "bench";

    /// <summary>As long as a key that create-key makes.</summary>
    public const string Key = "k8sq_benchmarkbenchmarkbenchmarkbenchmarkbenc";

    private static readonly string FastifyFolder = Path.Combine(AppContext.BaseDirectory, "fastify");

    private readonly ChildProgram _program;
    private readonly HttpClient _http;

    private ApiServer(ChildProgram program, int port)
    {
        _program = program;
        _http = new HttpClient
        {
            BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")),
            Timeout = TimeSpan.FromMinutes(2),
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
    }

    public Uri Jobs => new(_http.BaseAddress!, $"/v1/queues/{Queue}/jobs");

    public ProcessMemory Memory => _program.Memory;

    /// <summary>What it runs with, as it says itself.</summary>
    public string Settings { get; private set; } = "";

    /// <summary>The API as its image has it, with a key, and with rate limits that the load does not reach.</summary>
    public static Task<ApiServer> StartAsync(FileInfo program, RedisServer redis, RedisServer cache, string folder, CancellationToken cancellationToken)
    {
        var port = FreePort.Next();
        var environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"),
            ["K8SQUEUE_REDIS_ADDRESS"] = redis.Address,
            ["K8SQUEUE_CACHE_REDIS_ADDRESS"] = cache.Address,
            ["K8SQUEUE_RATE_LIMIT_KEY_PER_SECOND"] = "1000000",
            ["K8SQUEUE_API_KEYS"] = $"bench:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key)))}",
        };
        return StartAsync(Path.Combine(folder, $"api-{port}.log"), environment, port, cancellationToken, "dotnet", program.FullName);
    }

    /// <summary><see cref="EmptyApiCommand"/>.</summary>
    public static Task<ApiServer> StartEmptyAsync(string folder, CancellationToken cancellationToken)
    {
        var port = FreePort.Next();
        return StartAsync(
            Path.Combine(folder, "empty.log"),
            new Dictionary<string, string>(),
            port,
            cancellationToken,
            "dotnet",
            typeof(ApiServer).Assembly.Location,
            EmptyApiCommand.Name,
            "--port",
            port.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Fastify with BullMQ, in so many processes that share the port, and with rate limits where it is given a Redis for them.</summary>
    public static async Task<ApiServer> StartFastifyAsync(
        int processes, RedisServer redis, RedisServer? limits, string folder, CancellationToken cancellationToken)
    {
        await NodePackages.InstallAsync(FastifyFolder, cancellationToken);
        var port = FreePort.Next();
        var server = await StartAsync(
            Path.Combine(folder, $"fastify-{port}.log"),
            new Dictionary<string, string> { ["NODE_ENV"] = "production" },
            port,
            cancellationToken,
            "node",
            Path.Combine(FastifyFolder, "server.mjs"),
            port.ToString(CultureInfo.InvariantCulture),
            redis.Port.ToString(CultureInfo.InvariantCulture),
            Key,
            processes.ToString(CultureInfo.InvariantCulture),
            (limits?.Port ?? 0).ToString(CultureInfo.InvariantCulture));
        using var versions = JsonDocument.Parse(await server._http.GetStringAsync(new Uri("/readyz", UriKind.Relative), cancellationToken));
        var of = versions.RootElement;
        server.Settings = $"{processes} {(processes == 1 ? "process" : "processes")}; Fastify {of.GetProperty("fastify")}, BullMQ {of.GetProperty("bullmq")}, Node {of.GetProperty("node")}";
        return server;
    }

    /// <summary>Jobs that wait in the broker, as the server counts them.</summary>
    public async Task<long> WaitingAsync(CancellationToken cancellationToken)
    {
        using var queue = JsonDocument.Parse(await _http.GetStringAsync(new Uri($"/v1/queues/{Queue}", UriKind.Relative), cancellationToken));
        return queue.RootElement.GetProperty("waiting").GetInt64();
    }

    /// <summary>Streams that many jobs in one request, and answers how many were accepted.</summary>
    public async Task<long> StreamAsync(int jobs, string line, CancellationToken cancellationToken)
    {
        using var content = new LinesContent(jobs, Encoding.UTF8.GetBytes(line + "\n"));
        using var response = await _http.PostAsync(new Uri($"/v1/queues/{Queue}/jobs/bulk", UriKind.Relative), content, cancellationToken);
        response.EnsureSuccessStatusCode();
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var answer = await JsonDocument.ParseAsync(stream, cancellationToken: cancellationToken);
        return answer.RootElement.GetProperty("accepted").GetInt64();
    }

    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        _http.Dispose();
    }

    private static async Task<ApiServer> StartAsync(
        string log, IReadOnlyDictionary<string, string> environment, int port, CancellationToken cancellationToken, params string[] command)
    {
        var server = new ApiServer(ChildProgram.Start(log, environment, command), port);
        await Eventually.IsTrue(
            async () =>
            {
                server._program.ThrowIfEnded();
                return await server.IsReadyAsync(cancellationToken);
            },
            TimeSpan.FromSeconds(30));
        return server;
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri("/readyz", UriKind.Relative), cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>The same line over and over, of which no more than one is in memory here.</summary>
    private sealed class LinesContent : HttpContent
    {
        private readonly int _lines;
        private readonly byte[] _line;

        public LinesContent(int lines, byte[] line)
        {
            (_lines, _line) = (lines, line);
            Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            for (var i = 0; i < _lines; i++)
                await stream.WriteAsync(_line);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
