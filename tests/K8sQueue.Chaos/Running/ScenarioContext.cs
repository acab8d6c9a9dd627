using K8sQueue.Chaos.Faults;
using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Load;
using K8sQueue.Chaos.Workers;
using K8sQueue.Core.Redis;

namespace K8sQueue.Chaos.Running;

/// <summary>What a scenario has to work with: a Redis, workers, a producer, and a place for what it finds.</summary>
internal sealed class ScenarioContext : IAsyncDisposable
{
    public const string Queue = "chaos";

    private readonly List<IAsyncDisposable> _owned = [];
    private readonly List<string> _violations = [];
    private readonly List<string> _notes = [];
    private readonly List<Amnesia> _forgotten = [];
    private Producer? _producer;
    private RedisJobQueue? _jobs;

    private ScenarioContext(ChaosScale scale, int seed, string folder, RedisServer redis, CancellationToken cancellationToken)
    {
        Scale = scale;
        Seed = seed;
        Random = new Random(seed);
        Folder = folder;
        Redis = redis;
        Fleet = new WorkerFleet(folder, scale.Timings);
        CancellationToken = cancellationToken;
    }

    public ChaosScale Scale { get; }

    public int Seed { get; }

    /// <summary>Draws the faults. Loads have one of their own.</summary>
    public Random Random { get; }

    /// <summary>Where histories and logs are.</summary>
    public string Folder { get; }

    public RedisServer Redis { get; }

    public WorkerFleet Fleet { get; }

    /// <summary>Ends when the scenario has taken too long.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>The queues that were used.</summary>
    public IReadOnlyList<string> Queues { get; set; } = [Queue];

    /// <summary>The producer, straight to the server unless <see cref="ProduceThrough"/> was called before.</summary>
    public Producer Producer => _producer ??= ProduceThrough(Redis.Address);

    /// <summary>The queue as somebody sees it who only looks, straight from the server.</summary>
    public RedisJobQueue Jobs => _jobs ??= Own(Producer.Connect(Redis.Address, Scale.Timings));

    public IReadOnlyList<string> Violations => _violations;

    public IReadOnlyList<string> Notes => _notes;

    public IReadOnlyList<Amnesia> Forgotten => _forgotten;

    /// <summary>Settings of a worker that reads <see cref="Queues"/>, straight from the server.</summary>
    public WorkerSettings Worker => new() { RedisAddress = Redis.Address, Queues = Queues };

    public static async Task<ScenarioContext> StartAsync(
        ChaosScale scale, int seed, string folder, ServerOptions server, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var redis = await RedisServer.StartByAsync([.. server.Launcher], [.. server.Arguments]);
        return new ScenarioContext(scale, seed, folder, redis, cancellationToken);
    }

    public Producer ProduceThrough(string address) => _producer = Own(new Producer(address, Scale.Timings));

    /// <summary>A load in the background, from the seed.</summary>
    public BackgroundLoad StartLoad(JobMix mix, int perSecond) => Own(new BackgroundLoad(Producer, mix, perSecond, new Random(Seed + 1)));

    public Task WaitAsync(TimeSpan span) => Clock.WaitAsync(span, CancellationToken);

    /// <summary>A random time between two, in seconds.</summary>
    public TimeSpan Between(double from, double to) => TimeSpan.FromSeconds(from + ((to - from) * Random.NextDouble()));

    /// <summary>A promise of the scenario's own.</summary>
    public void Require(bool holds, string otherwise)
    {
        if (!holds)
            _violations.Add(otherwise);
    }

    /// <summary>What a reader of the row should know of this run.</summary>
    public void Note(FormattableString note) => _notes.Add(FormattableString.Invariant(note));

    /// <summary>The broker may have forgotten what happened then.</summary>
    public void Forget(Amnesia amnesia) => _forgotten.Add(amnesia);

    public T Own<T>(T item)
        where T : IAsyncDisposable
    {
        _owned.Add(item);
        return item;
    }

    public async Task<RedisInspector> InspectAsync() => await RedisInspector.ConnectAsync(Redis.Address);

    public async ValueTask DisposeAsync()
    {
        await Fleet.DisposeAsync();
        _owned.Reverse();
        foreach (var item in _owned)
            await item.DisposeAsync();
        await Redis.DisposeAsync();
    }
}
