using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace K8sQueue.Kubernetes.Tests.Fakes;

/// <summary>Sums what the meters of one factory measure, by instrument and tag values: <c>name a b</c>. Tests beside have factories of their own.</summary>
public sealed class MeasurementRecorder : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, double> _sums = new();

    public MeasurementRecorder(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    public IReadOnlyDictionary<string, double> Sums => _sums;

    public double this[string name] => _sums.GetValueOrDefault(name, double.NaN);

    public void Observe() => _listener.RecordObservableInstruments();

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = string.Join(' ', tags.ToArray().Select(t => $"{t.Key}={t.Value}").Prepend(instrument.Name));
        _sums.AddOrUpdate(key, value, (_, sum) => instrument.IsObservable ? value : sum + value);
    }
}
