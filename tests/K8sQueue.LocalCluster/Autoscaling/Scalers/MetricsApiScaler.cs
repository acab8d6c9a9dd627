using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace K8sQueue.LocalCluster.Autoscaling.Scalers;

/// <summary>KEDA's <c>metrics-api</c> with JSON: a number at a path (<c>queues.0.length</c>) of what a URL answers.</summary>
internal sealed class MetricsApiScaler : IScaler
{
    private readonly HttpClient _http;
    private readonly Uri _url;
    private readonly string _location;

    public MetricsApiScaler(TriggerSettings settings, HttpClient http)
    {
        if (settings.Text("format") is { } format and not "json")
            throw new ScalerException($"the format {format} of metrics-api is not supported by LocalCluster");
        _http = http;
        _location = settings.Required("valueLocation");
        _url = Uri.TryCreate(settings.Required("url"), UriKind.Absolute, out var url)
            ? url
            : throw new ScalerException($"error parsing metric API metadata: url {settings.Text("url")} is not absolute");
        Target = settings.Number("targetValue", 0);
        Activation = settings.Number("activationTargetValue", 0);
        MetricName = settings.MetricName($"metric-api-{_location}");
    }

    public string MetricName { get; }

    public double Target { get; }

    public double Activation { get; }

    public async Task<double> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(_url, cancellationToken).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
                throw new ScalerException($"{_url}: api returned {(int)response.StatusCode}");
            return Value(JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false)), _location);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException)
        {
            throw new ScalerException($"error requesting metrics endpoint: {e.Message}", e);
        }
    }

    public static double Value(JsonNode? document, string location)
    {
        foreach (var part in location.Split('.'))
        {
            document = document switch
            {
                JsonObject value => value[part],
                JsonArray items when int.TryParse(part, CultureInfo.InvariantCulture, out var index) && index >= 0 && index < items.Count => items[index],
                _ => null,
            };
        }

        var text = document is JsonValue found ? found.ToString() : null;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ScalerException($"valueLocation \"{location}\" must point to a numeric value, got {document?.ToJsonString() ?? "nothing"}");
    }

    public void Dispose()
    {
        // The client is shared.
    }
}
