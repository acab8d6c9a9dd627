namespace K8sQueue.Chaos.Running;

/// <summary>How a scenario's redis-server is started.</summary>
internal sealed record ServerOptions
{
    /// <summary>Nothing is kept on disk.</summary>
    public static readonly ServerOptions InMemory = new();

    /// <summary>An append-only file that is synced once a second.</summary>
    public static readonly ServerOptions EverySecond = new() { Arguments = ["--appendonly", "yes", "--appendfsync", "everysec"] };

    /// <summary>An append-only file that is synced before anything is acknowledged.</summary>
    public static readonly ServerOptions Always = new() { Arguments = ["--appendonly", "yes", "--appendfsync", "always"] };

    /// <summary>redis-server's own arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>What executes redis-server; empty for nothing in between.</summary>
    public IReadOnlyList<string> Launcher { get; init; } = [];
}
