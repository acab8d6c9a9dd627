using System.Globalization;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Redis.Producers;

/// <summary>How a server can be made to promise <see cref="JobDurability.Fsync"/>.</summary>
internal enum FsyncWay
{
    /// <summary>It writes each command to its disk before it answers (<c>appendfsync always</c>).</summary>
    Always,

    /// <summary>It is asked whether it has (<c>WAITAOF</c>, Redis 7.2 and later).</summary>
    WaitAof,
}

/// <summary>Judges what a server says of itself. No I/O.</summary>
internal static class DurabilityRules
{
    private static readonly Version WaitAofSince = new(7, 2);

    /// <param name="address">For messages.</param>
    /// <param name="info">What INFO says.</param>
    /// <param name="appendFsync">What CONFIG says of <c>appendfsync</c>; null where it is refused.</param>
    /// <param name="replicas">How many replicas are to have the job on their disks too.</param>
    /// <exception cref="JobQueueConfigurationException">The server can't promise it; the message says what to set.</exception>
    public static FsyncWay Judge(string address, IReadOnlyDictionary<string, string> info, string? appendFsync, int replicas)
    {
        if (info.GetValueOrDefault("aof_enabled") != "1")
            throw Impossible(address, "it keeps no append-only file: set appendonly yes");
        if (appendFsync == "no")
            throw Impossible(address, "it never asks its disk to write: set appendfsync everysec or always");
        if (appendFsync == "always" && replicas == 0)
            return FsyncWay.Always;
        if (Version.TryParse(info.GetValueOrDefault("redis_version"), out var version) && version >= WaitAofSince)
            return FsyncWay.WaitAof;
        throw Impossible(address, replicas > 0
            ? "only Redis 7.2 and later tell whether replicas have a job on their disks: upgrade it, or ask for none"
            : appendFsync is null
                ? "it does not say what appendfsync is: upgrade it to Redis 7.2, or let this user run CONFIG GET"
                : $"Redis before 7.2 promises it with appendfsync always only, and has {appendFsync}: set it, or upgrade");
    }

    /// <summary>Whether the answer to WAITAOF, the numbers of disks that have all, is enough.</summary>
    public static bool IsEnough(long local, long replicas, int wantedReplicas) => local >= 1 && replicas >= wantedReplicas;

    private static JobQueueConfigurationException Impossible(string address, string why) => new(string.Create(
        CultureInfo.InvariantCulture, $"Redis at {address} can't promise that a job is on its disk (durability fsync), since {why}."));
}
