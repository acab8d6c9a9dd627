using System.Diagnostics.Metrics;

namespace K8sQueue.Core.Telemetry;

/// <summary>What Prometheus calls the type of a metric.</summary>
internal enum PrometheusTextKind
{
    Counter,
    Gauge,
    Histogram,
}

internal static class PrometheusTextKinds
{
    /// <summary>Seconds, by half-decades and then by what jobs last: 5 ms to an hour.</summary>
    private static readonly double[] DefaultBounds =
        [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];

    /// <summary>The kind of an instrument, and a histogram's bounds (its advice, or the default ones).</summary>
    public static (PrometheusTextKind Kind, double[] Bounds) Of(Instrument instrument) =>
        Of<long>(instrument) ?? Of<double>(instrument) ?? Of<int>(instrument) ?? Of<float>(instrument)
        ?? Of<short>(instrument) ?? Of<byte>(instrument) ?? Of<decimal>(instrument) ?? (PrometheusTextKind.Gauge, []);

    private static (PrometheusTextKind Kind, double[] Bounds)? Of<T>(Instrument instrument)
        where T : struct => instrument switch
        {
            Counter<T> or ObservableCounter<T> => (PrometheusTextKind.Counter, []),
            Histogram<T> histogram => (PrometheusTextKind.Histogram, Bounds(histogram.Advice)),
            Instrument<T> or ObservableInstrument<T> => (PrometheusTextKind.Gauge, []),
            _ => null,
        };

    private static double[] Bounds<T>(InstrumentAdvice<T>? advice)
        where T : struct =>
        advice?.HistogramBucketBoundaries is { Count: > 0 } bounds
            ? [.. bounds.Select(bound => Convert.ToDouble(bound, System.Globalization.CultureInfo.InvariantCulture))]
            : DefaultBounds;
}
