namespace K8sQueue.LocalCluster.Storage;

/// <summary>The last events, oldest first. Not thread-safe: the store guards it.</summary>
internal sealed class EventLog(int capacity, long firstVersion)
{
    private readonly Queue<StoreEvent> _events = new();

    public int Capacity { get; } = capacity;

    public long CompactedVersion { get; private set; } = firstVersion;

    public void Add(StoreEvent change)
    {
        _events.Enqueue(change);
        if (_events.Count > Capacity)
            CompactedVersion = _events.Dequeue().Object.Version;
    }

    public IEnumerable<StoreEvent> After(long version) => _events.Where(e => e.Object.Version > version);

    public void Clear(long version)
    {
        _events.Clear();
        CompactedVersion = version;
    }
}
