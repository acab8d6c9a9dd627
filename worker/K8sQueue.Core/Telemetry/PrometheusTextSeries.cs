namespace K8sQueue.Core.Telemetry;

/// <summary>The value of one label set.</summary>
internal sealed class PrometheusTextSeries(string labels, double[] bounds)
{
    private readonly long[] _counts = new long[bounds.Length + 1];
    private readonly Lock _lock = new();
    private double _value;

    /// <summary>The labels as they are written, without braces: <c>queue="emails",outcome="done"</c>.</summary>
    public string Labels { get; } = labels;

    public void Add(double value)
    {
        var seen = Volatile.Read(ref _value);
        while (true)
        {
            var before = Interlocked.CompareExchange(ref _value, seen + value, seen);
            if (before.Equals(seen))
                return;
            seen = before;
        }
    }

    public void Set(double value) => Volatile.Write(ref _value, value);

    public void Observe(double value)
    {
        // The first bound that is not below the value: le is inclusive.
        var index = Array.BinarySearch(bounds, value);
        lock (_lock)
        {
            _counts[index < 0 ? ~index : index]++;
            _value += value;
        }
    }

    public double Value => Volatile.Read(ref _value);

    /// <summary>Copies the bucket counts (not cumulative) and answers the sum.</summary>
    public double ReadHistogram(Span<long> counts)
    {
        lock (_lock)
        {
            _counts.CopyTo(counts);
            return _value;
        }
    }
}
