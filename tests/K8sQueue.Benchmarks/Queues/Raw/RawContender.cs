using System.Diagnostics;
using StackExchange.Redis;

namespace K8sQueue.Benchmarks.Queues.Raw;

/// <summary>
/// The fastest loop that we could write on the driver with the same guarantees and nothing else: no lanes, no retries, no
/// statistics, no heartbeat. It is what the server and the driver can do at most.
/// </summary>
internal sealed class RawContender : IQueueContender
{
    private const string Consumer = "bench";
    private static readonly RedisKey Stream = "bench:raw";
    private static readonly RedisValue Group = "workers";
    private static readonly RedisKey[] Keys = [Stream];

    private readonly ConnectionMultiplexer _connection;
    private readonly ConnectionMultiplexer _blocking;
    private readonly RawScript _enqueue;
    private readonly RawScript _complete;
    private EnqueueSettings _enqueueSettings = new(500, 4);
    private WorkSettings _work = new(500, 4);

    private RawContender(ConnectionMultiplexer connection, ConnectionMultiplexer blocking, RawScript enqueue, RawScript complete)
    {
        _connection = connection;
        _blocking = blocking;
        _enqueue = enqueue;
        _complete = complete;
    }

    public static async Task<RawContender> StartAsync(string address)
    {
        var connection = await ConnectAsync(address);
        var server = connection.GetServer(address);
        return new RawContender(
            connection,
            await ConnectAsync(address),
            await RawScript.LoadAsync(server, "raw-enqueue.lua"),
            await RawScript.LoadAsync(server, "raw-complete.lua"));
    }

    public string Name => "raw driver loop";

    public string Settings => $"{_enqueueSettings}, {_work}";

    private IDatabase Database => _connection.GetDatabase();

    public async Task TuneAsync(Sweep sweep, CancellationToken cancellationToken)
    {
        _enqueueSettings = await sweep.BestAsync(EnqueueSettings.Candidates, settings =>
        {
            _enqueueSettings = settings;
            return EnqueueAsync(sweep.Jobs, cancellationToken);
        });
        _work = await sweep.BestAsync(WorkSettings.Candidates, async settings =>
        {
            _work = settings;
            await EnqueueAsync(sweep.Jobs, cancellationToken);
            return (await ProcessAsync(sweep.Jobs, cancellationToken)).Elapsed;
        });
    }

    public Task<TimeSpan> EnqueueAsync(int jobs, CancellationToken cancellationToken)
    {
        var database = Database;
        RedisValue payload = BenchmarkPayload.Utf8;
        return _enqueueSettings.RunAsync(jobs, async size =>
        {
            var payloads = new RedisValue[size];
            Array.Fill(payloads, payload);
            await _enqueue.RunAsync(database, Keys, payloads);
        });
    }

    public async Task<ProcessedJobs> ProcessAsync(int jobs, CancellationToken cancellationToken)
    {
        await CreateGroupAsync();
        var cpu = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        var completed = await Task.WhenAll(Enumerable.Range(0, _work.Parallel).Select(_ => LoopAsync(cancellationToken)));
        var elapsed = watch.Elapsed;
        return new ProcessedJobs(completed.Sum(), await LeftAsync(), elapsed, Environment.CpuUsage.TotalTime - cpu);
    }

    public async Task<StartLatencies> MeasureLatencyAsync(int jobs, CancellationToken cancellationToken)
    {
        await CreateGroupAsync();
        var database = Database;
        var blocking = _blocking.GetDatabase();
        var samples = await LatencyLoop.RunAsync(
            jobs,
            () => _enqueue.RunAsync(database, Keys, [BenchmarkPayload.Utf8]),
            async start =>
            {
                var entries = await FetchAsync(blocking, "COUNT", 1, "BLOCK", 5000);
                start();
                await _complete.RunAsync(database, Keys, [Group, .. entries]);
            },
            cancellationToken);
        return new StartLatencies(samples, await LeftAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.CloseAsync();
        await _blocking.CloseAsync();
    }

    private async Task<long> LoopAsync(CancellationToken cancellationToken)
    {
        var database = Database;
        long completed = 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var entries = await FetchAsync(database, "COUNT", _work.Fetch);
            if (entries.Length == 0)
                return completed;
            Random.Shared.Shuffle(entries);
            completed += await _complete.RunAsync(database, Keys, [Group, .. entries]);
        }
    }

    // The ids of the fetched entries. The payloads are read by the driver and left at that: the jobs do nothing.
    private static async Task<RedisValue[]> FetchAsync(IDatabase database, params object[] options)
    {
        var reply = await database.ExecuteAsync(
            "XREADGROUP", ["GROUP", Group, Consumer, .. options, "STREAMS", Stream, ">"]);
        if (reply.IsNull)
            return [];
        var stream = ((RedisResult[])reply)[0];
        var entries = (RedisResult[])((RedisResult[])stream)[1];
        return Array.ConvertAll(entries, entry => (RedisValue)((RedisResult[])entry)[0]);
    }

    private async Task CreateGroupAsync() => await Database.ExecuteAsync("XGROUP", "CREATE", Stream, Group, "0", "MKSTREAM");

    private async Task<long> LeftAsync() => (long)await Database.ExecuteAsync("XLEN", Stream);

    private static Task<ConnectionMultiplexer> ConnectAsync(string address)
    {
        var options = ConfigurationOptions.Parse(address);
        options.CommandMap = CommandMap.Create(new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "SUBSCRIBE" }, available: false);
        return ConnectionMultiplexer.ConnectAsync(options);
    }
}
