namespace K8sQueue.Core.Redis;

/// <summary>What a server says of its clients.</summary>
/// <param name="MaxClients">The most that it accepts; null where it does not say.</param>
/// <param name="Clients">Those that are connected, the one that asked left out; null where it does not say.</param>
public sealed record RedisServerReport(int? MaxClients, IReadOnlyList<RedisClient>? Clients);

/// <summary>A connected client.</summary>
/// <param name="Name">By CLIENT SETNAME; empty where it has none.</param>
/// <param name="Host">Where it comes from.</param>
public readonly record struct RedisClient(string Name, string Host);
