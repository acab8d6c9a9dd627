namespace K8sQueue.Core.Queues;

/// <summary>A consumer of one queue, as the broker sees it. One that reads several queues is a consumer of each.</summary>
/// <param name="Name">Its name: pod name and boot id.</param>
/// <param name="InFlight">Jobs of the queue that it owns.</param>
/// <param name="LastSeen">How long ago it renewed its leases, by the broker's clock. One that is silent for longer than a lease is lost.</param>
public readonly record struct QueueConsumer(string Name, int InFlight, TimeSpan LastSeen);
