using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace K8sQueue.Core.Telemetry;

/// <summary>
/// Listens to meters and writes what they measured as Prometheus text. It sees the meters of its own
/// <see cref="IMeterFactory"/> and those that have none, so two hosts in one process stay apart.
/// </summary>
public sealed class PrometheusTextCollector : IDisposable
{
    private readonly ConcurrentDictionary<string, PrometheusTextFamily> _families = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<PrometheusTextFamily, byte> _observed = new();
    private readonly MeterListener _listener = new();
    private readonly Lock _scrape = new();
    private readonly PrometheusTextOptions _options;
    private readonly IMeterFactory _factory;

    public PrometheusTextCollector(IOptions<PrometheusTextOptions> options, IMeterFactory factory)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Value;
        _factory = factory;
        _listener.InstrumentPublished = OnPublished;
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, state) => Record(state, (double)value, tags));
        _listener.Start();
    }

    /// <summary>Asks the observable instruments and answers the whole text, in the format <see cref="ContentType"/>.</summary>
    public string Collect()
    {
        lock (_scrape)
        {
            foreach (var family in _observed.Keys)
                family.Clear();
            _listener.RecordObservableInstruments();
            var writer = new PrometheusTextWriter();
            foreach (var family in _families.Values.OrderBy(family => family.Name, StringComparer.Ordinal))
                writer.Write(family);
            if (_options.ProcessMetrics)
                PrometheusTextProcess.Write(writer);
            return writer.ToString();
        }
    }

    /// <summary>The media type of <see cref="Collect"/>.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public void Dispose() => _listener.Dispose();

    private void OnPublished(Instrument instrument, MeterListener listener)
    {
        if (instrument.Meter.Scope is { } scope && !ReferenceEquals(scope, _factory))
            return;
        if (!_options.MeterPrefixes.Any(prefix => instrument.Meter.Name.StartsWith(prefix, StringComparison.Ordinal)))
            return;
        var (kind, bounds) = PrometheusTextKinds.Of(instrument);
        var name = PrometheusTextName.Metric(instrument.Name, instrument.Unit, kind);
        var family = _families.GetOrAdd(
            name,
            _ => new PrometheusTextFamily(name, instrument.Description ?? string.Empty, kind, bounds, _options.MaxSeriesPerMetric));
        if (family.Kind != kind)
            return;
        if (instrument.IsObservable)
            _observed.TryAdd(family, 0);
        listener.EnableMeasurementEvents(instrument, new Target(family, instrument.IsObservable, IsSum(instrument)));
    }

    private static bool IsSum(Instrument instrument) =>
        instrument is UpDownCounter<long> or UpDownCounter<int> or UpDownCounter<double> or UpDownCounter<float>
            or UpDownCounter<short> or UpDownCounter<byte> or UpDownCounter<decimal>;

    private static void Record(object? state, double value, ReadOnlySpan<Tag> tags)
    {
        if (state is not Target target)
            return;
        var series = target.Family.For(tags);
        if (target.Family.Kind == PrometheusTextKind.Histogram)
            series.Observe(value);
        else if (!target.Observable && (target.Family.Kind == PrometheusTextKind.Counter || target.Sum))
            series.Add(value);
        else
            series.Set(value);
    }

    private sealed record Target(PrometheusTextFamily Family, bool Observable, bool Sum);
}
