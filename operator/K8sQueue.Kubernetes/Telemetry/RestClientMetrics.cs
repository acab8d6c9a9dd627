using System.Diagnostics.Metrics;
using System.Globalization;

namespace K8sQueue.Kubernetes.Telemetry;

/// <summary>Requests to the API server, each try by itself, under client-go's names (component-base, metrics/prometheus/restclient).</summary>
public sealed class RestClientMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "K8sQueue.Kubernetes.Client";

    /// <summary>The code of a try that had no answer.</summary>
    public const string NoAnswer = "<error>";

    private readonly Counter<long> _requests;
    private readonly Histogram<double> _duration;

    public RestClientMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(MeterName);
        _requests = meter.CreateCounter<long>(
            "rest_client_requests_total", description: "Requests to the API server, by status code, method and host.");
        _duration = meter.CreateHistogram(
            "rest_client_request_duration_seconds",
            "s",
            "How long the API server took to begin its answer, by verb and host.",
            tags: null,
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60] });
    }

    internal void Ended(HttpMethod method, string host, int? code, TimeSpan duration)
    {
        var text = code?.ToString(CultureInfo.InvariantCulture) ?? NoAnswer;
        _requests.Add(1, new("code", text), new("method", method.Method), new("host", host));
        _duration.Record(duration.TotalSeconds, new("verb", method.Method), new KeyValuePair<string, object?>("host", host));
    }
}
