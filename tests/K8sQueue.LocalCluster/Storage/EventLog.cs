namespace K8sQueue.LocalCluster.Storage;

/// <summary>The last events, oldest first: so many, and of so many JSON nodes in all. Not thread-safe: the store guards it.</summary>
/// <remarks>A node takes some hundred bytes. Without a bound of them, a few thousand revisions of one large object take gigabytes.</remarks>
internal sealed class EventLog(int capacity, int nodeCapacity, long firstVersion)
{
    private readonly Queue<StoreEvent> _events = new();
    private long _nodes;

    public int Capacity { get; } = capacity;

    public long CompactedVersion { get; private set; } = firstVersion;

    public void Add(StoreEvent change)
    {
        _events.Enqueue(change);
        _nodes += change.Object.Nodes;
        while (_events.Count > Capacity || (_nodes > nodeCapacity && _events.Count > 1))
        {
            var oldest = _events.Dequeue().Object;
            _nodes -= oldest.Nodes;
            CompactedVersion = oldest.Version;
        }
    }

    public IEnumerable<StoreEvent> After(long version) => _events.Where(e => e.Object.Version > version);

    public void Clear(long version)
    {
        _events.Clear();
        _nodes = 0;
        CompactedVersion = version;
    }
}
