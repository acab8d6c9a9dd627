using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Push.Backlogs;

/// <summary>
/// A Redis as the pools of one namespace reach it: everything that a connection is made of. Nothing of it comes from a trigger, and no
/// connection is shared by two namespaces, whose Secrets are their own.
/// </summary>
internal sealed record BacklogSourceKey(
    string Namespace, string Address, int Database, bool Tls, string? PasswordName, string? PasswordKey, string? CaName, string? CaKey)
{
    public static BacklogSourceKey Of(string @namespace, RedisConnectionSpec redis) => new(
        @namespace, redis.Address, redis.Database, redis.Tls,
        redis.PasswordSecretRef?.Name, redis.PasswordSecretRef?.Key, redis.CaSecretRef?.Name, redis.CaSecretRef?.Key);
}
