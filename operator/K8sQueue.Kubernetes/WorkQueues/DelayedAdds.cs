namespace K8sQueue.Kubernetes.WorkQueues;

/// <summary>Keys that become due, each once: of two times for a key the earlier wins. Not thread-safe.</summary>
internal sealed class DelayedAdds<TKey>
    where TKey : notnull
{
    private readonly PriorityQueue<TKey, long> _heap = new();
    private readonly Dictionary<TKey, long> _due = [];

    public int Count => _due.Count;

    /// <summary>When the next key is due; null where none waits.</summary>
    public long? Next
    {
        get
        {
            DropOutdated();
            return _heap.TryPeek(out _, out var due) ? due : null;
        }
    }

    public void Add(TKey key, long due)
    {
        if (_due.TryGetValue(key, out var existing) && existing <= due)
            return;
        _due[key] = due;
        _heap.Enqueue(key, due);
    }

    public bool TryTake(long now, out TKey key)
    {
        DropOutdated();
        if (!_heap.TryPeek(out key!, out var due) || due > now)
            return false;
        _heap.Dequeue();
        _due.Remove(key);
        return true;
    }

    public void Clear()
    {
        _heap.Clear();
        _due.Clear();
    }

    // An entry that an earlier one overtook stays in the heap until it surfaces.
    private void DropOutdated()
    {
        while (_heap.TryPeek(out var key, out var due) && (!_due.TryGetValue(key, out var actual) || actual != due))
            _heap.Dequeue();
    }
}
