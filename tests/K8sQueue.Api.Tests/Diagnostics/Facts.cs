using K8sQueue.Api.Cluster.Resources;
using K8sQueue.Api.Diagnostics;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Api.Tests.Diagnostics;

/// <summary>Facts of an installation in which all is well, to be spoilt by tests.</summary>
internal static class Facts
{
    public static readonly RedisServerInfo Redis = new()
    {
        Version = "7.2.4",
        RunId = "a",
        EvictionPolicy = "noeviction",
        AppendOnly = true,
        Snapshots = "",
        UsedMemory = 10,
        MaxMemory = 100,
        ConnectedClients = 10,
        MaxClients = 10_000,
        ClockOffset = TimeSpan.FromMilliseconds(3),
        RoundTrip = TimeSpan.FromMilliseconds(1),
    };

    public static readonly DiagnosticFacts Good = new()
    {
        Redis = Redis,
        HasCache = true,
        Cache = Redis with { RunId = "b", EvictionPolicy = "allkeys-lru", AppendOnly = false },
        HasRateLimits = true,
        HasPostgres = true,
        Queues = [Queue()],
        HasCluster = true,
        Pools = [Pool()],
        Budgets = [Budget()],
    };

    public static QueueFacts Queue(
        long waiting = 5, bool paused = false, int consumers = 2, double ageSeconds = 1, long deadLetters = 1, double? ageBefore = 1, long deadBefore = 1, double span = 300) =>
        new(Statistics(waiting, paused, consumers, ageSeconds, deadLetters))
        {
            Before = ageBefore is { } age ? Statistics(waiting, paused, consumers, age, deadBefore) : null,
            Span = TimeSpan.FromSeconds(span),
        };

    public static WorkerPoolResource Pool(params (string Type, string Status)[] conditions) => new()
    {
        Metadata = new V1ObjectMeta { Namespace = "shop", Name = "emails", Generation = 3 },
        Status = new PoolStatus { ObservedGeneration = 3, Conditions = Conditions([("Ready", "True"), ("SignalComplete", "True"), ("Draining", "False")], conditions) },
    };

    public static ConnectionBudgetResource Budget(int inUse = 10, int? capacity = 100, params (string Type, string Status)[] conditions) => new()
    {
        Metadata = new V1ObjectMeta { Namespace = "shop", Name = "orders-db", Generation = 1 },
        Status = new BudgetStatus
        {
            ObservedGeneration = 1,
            Capacity = capacity,
            Reserved = 20,
            InUse = inUse,
            Conditions = Conditions([("Ready", "True"), ("Unaccounted", "False")], conditions),
        },
    };

    private static QueueStatistics Statistics(long waiting, bool paused, int consumers, double ageSeconds, long deadLetters) => new()
    {
        Queue = "emails",
        Backlog = new Backlog(waiting, 0, paused),
        Consumers = consumers,
        OldestAge = TimeSpan.FromSeconds(ageSeconds),
        DeadLetters = deadLetters,
    };

    private static List<V1Condition> Conditions(IEnumerable<(string Type, string Status)> usual, (string Type, string Status)[] others) =>
    [
        .. usual.Where(one => !others.Any(other => other.Type == one.Type)).Concat(others)
            .Select(one => new V1Condition { Type = one.Type, Status = one.Status, Reason = "Why", Message = "Because." }),
    ];
}
