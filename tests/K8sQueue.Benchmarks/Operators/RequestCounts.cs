namespace K8sQueue.Benchmarks.Operators;

/// <summary>Requests by verb, resource and outcome.</summary>
internal sealed class RequestCounts
{
    private readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>Everything that changes something, or tries to; the leader's lease is counted by itself.</summary>
    public int Writes { get; private set; }

    public int Reads { get; private set; }

    /// <summary>Renewals of the leader's lease, every two seconds by design.</summary>
    public int LeaseWrites { get; private set; }

    public void Add(string verb, string resource, int code)
    {
        if (verb is "get" or "list" or "watch")
            Reads++;
        else if (resource == "leases")
            LeaseWrites++;
        else
            Writes++;
        var key = code < 400 ? $"{verb} {resource}" : $"{verb} {resource} ({code})";
        _counts[key] = _counts.GetValueOrDefault(key) + 1;
    }

    public void Add(RequestCounts more)
    {
        (Writes, Reads, LeaseWrites) = (Writes + more.Writes, Reads + more.Reads, LeaseWrites + more.LeaseWrites);
        foreach (var (key, count) in more._counts)
            _counts[key] = _counts.GetValueOrDefault(key) + count;
    }

    public override string ToString() => string.Join(", ", _counts.Select(count => $"{count.Key}: {count.Value}"));
}
