using System.Globalization;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;

namespace K8sQueue.Operator.Resources.Triggers;

/// <summary>Triggers on keys of one Redis. Each is a connection of KEDA's.</summary>
internal sealed class RedisTriggers(RedisConnectionSpec redis, string perReplica)
{
    public TriggerAuthenticationSpec? Authentication => TriggerSecrets.Of(("password", redis.PasswordSecretRef), ("ca", redis.CaSecretRef));

    /// <summary>The size of a list, set, sorted set or hash; 0 where there is none.</summary>
    public ScaledObjectTrigger Size(string name, string key) =>
        Of("redis", name, new() { ["listName"] = key, ["listLength"] = perReplica });

    /// <summary>The length of a stream.</summary>
    public ScaledObjectTrigger Length(string name, string stream) =>
        Of("redis-streams", name, new() { ["stream"] = stream, ["streamLength"] = perReplica });

    /// <summary>Entries that were delivered to the group and not acknowledged.</summary>
    public ScaledObjectTrigger Pending(string name, string stream, string group) =>
        Of("redis-streams", name, new() { ["stream"] = stream, ["consumerGroup"] = group, ["pendingEntriesCount"] = perReplica });

    /// <summary>Entries not yet delivered to the group; below zero where Redis can't tell (KEDA 2.20).</summary>
    public ScaledObjectTrigger Lag(string name, string stream, string group) =>
        Of("redis-streams", name, new() { ["stream"] = stream, ["consumerGroup"] = group, ["lagCount"] = perReplica });

    private ScaledObjectTrigger Of(string type, string name, Dictionary<string, string> metadata)
    {
        metadata["address"] = redis.Address;
        metadata["databaseIndex"] = redis.Database.ToString(CultureInfo.InvariantCulture);
        if (redis.Tls)
            metadata["enableTLS"] = "true";
        return new() { Type = type, Name = name, Metadata = metadata };
    }
}
