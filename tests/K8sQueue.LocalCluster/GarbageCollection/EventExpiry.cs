using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Storage;

namespace K8sQueue.LocalCluster.GarbageCollection;

/// <summary>Removes events an hour after their last occurrence, as the real server's event TTL does.</summary>
internal sealed class EventExpiry(ObjectStore store, TimeProvider time) : BackgroundService
{
    public static readonly TimeSpan TimeToLive = TimeSpan.FromHours(1);
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>Removes what is too old at this moment.</summary>
    public void Expire()
    {
        var limit = time.GetUtcNow() - TimeToLive;
        foreach (var stored in store.Snapshot(GroupResource.Events).Objects.Values)
        {
            if (LastSeen(stored) < limit)
                store.TryRemove(stored);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            Expire();
    }

    private static DateTimeOffset? LastSeen(StoredObject stored)
    {
        DateTimeOffset?[] times =
        [
            stored.Value.At("series", "lastObservedTime").Time(),
            stored.Value.At("lastTimestamp").Time(),
            stored.Value.At("metadata", "creationTimestamp").Time(),
        ];
        return times.Max();
    }
}
