using System.Collections.Concurrent;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace K8sQueue.Core.Telemetry;

/// <summary>One metric: its help, its type and its series. Instruments that map to the same name share it.</summary>
internal sealed class PrometheusTextFamily(string name, string help, PrometheusTextKind kind, double[] bounds, int maxSeries)
{
    private readonly ConcurrentDictionary<Tag[], PrometheusTextSeries> _byTags = new(PrometheusTextTags.Comparer);
    private readonly ConcurrentDictionary<string, PrometheusTextSeries> _byLabels = new(StringComparer.Ordinal);

    public string Name { get; } = name;

    public string Help { get; } = help;

    public PrometheusTextKind Kind { get; } = kind;

    public double[] Bounds { get; } = bounds;

    public IEnumerable<PrometheusTextSeries> Series =>
        _byLabels.Values.OrderBy(series => series.Labels, StringComparer.Ordinal);

    public PrometheusTextSeries For(ReadOnlySpan<Tag> tags)
    {
        var lookup = _byTags.GetAlternateLookup<ReadOnlySpan<Tag>>();
        if (lookup.TryGetValue(tags, out var series))
            return series;
        if (_byTags.Count >= maxSeries)
            return ForLabels("overflow=\"true\"");
        series = ForLabels(PrometheusTextTags.Format(tags));
        lookup.TryAdd(tags, series);
        return series;
    }

    /// <summary>Forgets every series: an observable instrument says at each scrape which exist.</summary>
    public void Clear()
    {
        _byTags.Clear();
        _byLabels.Clear();
    }

    private PrometheusTextSeries ForLabels(string labels) =>
        _byLabels.GetOrAdd(labels, static (text, bounds) => new PrometheusTextSeries(text, bounds), Bounds);
}
