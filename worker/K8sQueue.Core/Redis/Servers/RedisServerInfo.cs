namespace K8sQueue.Core.Redis;

/// <summary>How a server is set up and how it fares, as far as it says.</summary>
public sealed record RedisServerInfo
{
    /// <summary>The version of Redis that it is, or that it is compatible with.</summary>
    public required string Version { get; init; }

    /// <summary>Unlike that of any other server, and another one after each start.</summary>
    public required string RunId { get; init; }

    /// <summary>For example <c>noeviction</c>; empty where it does not say.</summary>
    public required string EvictionPolicy { get; init; }

    /// <summary>Bytes in use.</summary>
    public long UsedMemory { get; init; }

    /// <summary>The most bytes that it uses; 0 for no limit.</summary>
    public long MaxMemory { get; init; }

    /// <summary>Whether each change is in an append-only file.</summary>
    public bool AppendOnly { get; init; }

    /// <summary>When it saves snapshots, as CONFIG says it; empty for never, null where it does not say.</summary>
    public string? Snapshots { get; init; }

    /// <summary>Keys that were evicted since its start.</summary>
    public long EvictedKeys { get; init; }

    /// <summary>Connections that it refused since its start, since it had as many as it takes.</summary>
    public long RejectedConnections { get; init; }

    /// <summary>Connections that it took since its start.</summary>
    public long ConnectionsReceived { get; init; }

    public int ConnectedClients { get; init; }

    /// <summary>The most that it takes; null where it does not say.</summary>
    public int? MaxClients { get; init; }

    /// <summary>How far its clock is ahead of the caller's, give or take half of <see cref="RoundTrip"/>.</summary>
    public required TimeSpan ClockOffset { get; init; }

    /// <summary>How long it took to tell the time.</summary>
    public required TimeSpan RoundTrip { get; init; }

    /// <summary>Those of the keys asked for that exist.</summary>
    public IReadOnlyList<string> ExistingKeys { get; init; } = [];
}
