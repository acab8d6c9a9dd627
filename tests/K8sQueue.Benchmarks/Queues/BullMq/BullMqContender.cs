namespace K8sQueue.Benchmarks.Queues.BullMq;

/// <summary>BullMQ from npm, in one Node process. The README says which settings were tried.</summary>
internal sealed class BullMqContender : IQueueContender
{
    private readonly BullMqProcess _node;
    private readonly BullMqAnswer _versions;
    private EnqueueSettings _enqueueSettings = new(500, 2);
    private int _concurrency = 100;

    private BullMqContender(BullMqProcess node, BullMqAnswer versions)
    {
        _node = node;
        _versions = versions;
    }

    public static async Task<BullMqContender> StartAsync(int redisPort, CancellationToken cancellationToken)
    {
        var node = await BullMqProcess.StartAsync(redisPort, cancellationToken);
        return new BullMqContender(node, await node.AskAsync(new BullMqCommand("versions"), cancellationToken));
    }

    public string Name => "BullMQ";

    public string Settings =>
        $"{_enqueueSettings}, concurrency {_concurrency}; {_versions.BullMq} on ioredis {_versions.IoRedis}, Node {_versions.Node}";

    public async Task TuneAsync(Sweep sweep, CancellationToken cancellationToken)
    {
        _enqueueSettings = await sweep.BestAsync(EnqueueSettings.Candidates, settings =>
        {
            _enqueueSettings = settings;
            return EnqueueAsync(sweep.Jobs, cancellationToken);
        });
        _concurrency = await sweep.BestAsync([100, 200, 300, 500], async concurrency =>
        {
            _concurrency = concurrency;
            await EnqueueAsync(sweep.Jobs, cancellationToken);
            return (await ProcessAsync(sweep.Jobs, cancellationToken)).Elapsed;
        });
    }

    public async Task<TimeSpan> EnqueueAsync(int jobs, CancellationToken cancellationToken)
    {
        var command = new BullMqCommand("bulk")
        {
            Jobs = jobs,
            Chunk = _enqueueSettings.Chunk,
            Parallel = _enqueueSettings.Parallel,
            Payload = BenchmarkPayload.Text,
        };
        return TimeSpan.FromSeconds((await _node.AskAsync(command, cancellationToken)).Seconds);
    }

    public async Task<ProcessedJobs> ProcessAsync(int jobs, CancellationToken cancellationToken)
    {
        var answer = await _node.AskAsync(new BullMqCommand("process") { Concurrency = _concurrency }, cancellationToken);
        return new ProcessedJobs(
            answer.Completed, answer.Left, TimeSpan.FromSeconds(answer.Seconds), TimeSpan.FromSeconds(answer.CpuSeconds));
    }

    public async Task<StartLatencies> MeasureLatencyAsync(int jobs, CancellationToken cancellationToken)
    {
        var command = new BullMqCommand("latency")
        {
            Jobs = jobs,
            WarmUp = LatencyLoop.WarmUp,
            PauseMilliseconds = LatencyLoop.Pause.TotalMilliseconds,
            Payload = BenchmarkPayload.Text,
        };
        var answer = await _node.AskAsync(command, cancellationToken);
        return new StartLatencies(answer.Milliseconds, answer.Left);
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();
}
