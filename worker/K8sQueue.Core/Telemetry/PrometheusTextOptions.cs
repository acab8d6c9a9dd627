namespace K8sQueue.Core.Telemetry;

/// <summary>What <c>/metrics</c> shows.</summary>
public sealed class PrometheusTextOptions
{
    /// <summary>Meters whose name starts with one of these are shown. The default value is <c>K8sQueue</c> alone.</summary>
    public IList<string> MeterPrefixes { get; } = ["K8sQueue"];

    /// <summary>
    /// Series a metric may have before further label sets are folded into one labelled <c>overflow="true"</c>.
    /// The default value is 20,000.
    /// </summary>
    public int MaxSeriesPerMetric { get; set; } = 20_000;

    /// <summary>Whether <c>process_*</c> metrics are added. The default value is true.</summary>
    public bool ProcessMetrics { get; set; } = true;
}
