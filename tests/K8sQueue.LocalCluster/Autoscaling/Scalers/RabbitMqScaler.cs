using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace K8sQueue.LocalCluster.Autoscaling.Scalers;

/// <summary>KEDA's <c>rabbitmq</c> over HTTP, mode QueueLength: messages of a queue, ready or not acknowledged.</summary>
internal sealed class RabbitMqScaler : IScaler
{
    private readonly HttpClient _http;
    private readonly Uri _url;
    private readonly AuthenticationHeaderValue? _user;
    private readonly string _queue;

    public RabbitMqScaler(TriggerSettings settings, HttpClient http)
    {
        _http = http;
        _queue = settings.Required("queueName");
        if (!Uri.TryCreate(settings.Required("host"), UriKind.Absolute, out var host) || host.Scheme is not ("http" or "https"))
            throw new ScalerException("LocalCluster reads RabbitMQ only over its management API: protocol http, and an address of http or https");
        if (settings.Text("mode") is { } mode and not "QueueLength")
            throw new ScalerException($"the mode {mode} of rabbitmq is not supported by LocalCluster");
        var virtualHost = settings.Text("vhostName") ?? Uri.UnescapeDataString(host.AbsolutePath.Trim('/'));
        _url = new Uri($"{host.GetLeftPart(UriPartial.Authority).Replace(host.UserInfo + "@", "", StringComparison.Ordinal)}/api/queues/"
            + $"{Uri.EscapeDataString(virtualHost.Length > 0 ? virtualHost : "/")}/{Uri.EscapeDataString(_queue)}");
        var user = settings.Authentication("username") is { } name ? $"{name}:{settings.Authentication("password")}" : Uri.UnescapeDataString(host.UserInfo);
        _user = user.Length > 0 ? new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(user))) : null;
        Target = settings.Number("value", 20);
        Activation = settings.Number("activationValue", 0);
        MetricName = settings.MetricName($"rabbitmq-{Uri.EscapeDataString(_queue)}");
    }

    public string MetricName { get; }

    public double Target { get; }

    public double Activation { get; }

    public async Task<double> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _url) { Headers = { Authorization = _user } };
            using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            var body = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
                throw new ScalerException($"error requesting RabbitMQ API status: {(int)response.StatusCode}, response: {body}, from: {_url}");

            // Absent for a moment after a queue was made.
            return JsonNode.Parse(body)?["messages"]?.GetValue<double>() ?? 0;
        }
        catch (Exception e) when (e is HttpRequestException or JsonException)
        {
            throw new ScalerException($"error inspecting rabbitMQ: {e.Message}", e);
        }
    }

    public void Dispose()
    {
        // The client is shared.
    }
}
