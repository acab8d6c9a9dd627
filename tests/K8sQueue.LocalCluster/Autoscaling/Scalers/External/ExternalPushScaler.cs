using System.Security.Cryptography;
using K8sQueue.Operator.Push.Protocol;

namespace K8sQueue.LocalCluster.Autoscaling.Scalers.External;

/// <summary>KEDA's <c>external-push</c> (pkg/scalers/external_scaler.go, 2.20): values by a call a poll, activations by a stream.</summary>
internal sealed class ExternalPushScaler : IScaler, IPushScaler
{
    public const string Type = "external-push";

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(1);

    private readonly RpcChannel _channel;
    private readonly ExternalScalerClient _client;
    private readonly TriggerSettings _settings;
    private readonly TimeProvider _time;
    private MetricSpec? _spec;

    public ExternalPushScaler(TriggerSettings settings, TimeProvider time)
    {
        (_settings, _time) = (settings, time);
        try
        {
            _channel = new RpcChannel(
                settings.Required("scalerAddress"), settings.Authentication("caCert"),
                settings.Authentication("tlsClientCert"), settings.Authentication("tlsClientKey"), ConnectTimeout);
        }
        catch (Exception e) when (e is CryptographicException or UriFormatException)
        {
            throw new ScalerException($"error building grpc connection: {e.Message}", e);
        }

        var reference = new ScaledObjectRef { Name = settings.ScaledObject.Name, Namespace = settings.ScaledObject.Namespace ?? "" };
        foreach (var (key, value) in settings.Metadata)
            reference.ScalerMetadata[key] = value;
        _client = new ExternalScalerClient(_channel, reference);
    }

    /// <summary>KEDA asks the scaler; here the name is of the trigger's own settings, for it is needed before anybody can answer.</summary>
    public string MetricName => _settings.MetricName($"external-{_settings.Text("queue") ?? "metric"}");

    public double Target => _spec is null ? 1 : _spec.TargetSizeFloat > 0 ? _spec.TargetSizeFloat : _spec.TargetSize;

    public double Activation => 0;

    public async Task<double> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            _spec ??= await _client.SpecAsync(cancellationToken).ConfigureAwait(false)
                ?? throw new ScalerException("the scaler has no metric");
            var value = await _client.MetricAsync(_spec.MetricName, cancellationToken).ConfigureAwait(false);

            // KEDA takes the activity from the scaler, not from the value.
            return await _client.IsActiveAsync(cancellationToken).ConfigureAwait(false) ? value : 0;
        }
        catch (RpcException e)
        {
            throw new ScalerException(e.Message, e);
        }
    }

    public async Task RunAsync(Action activated, CancellationToken cancellationToken)
    {
        var retry = FirstRetry;
        while (true)
        {
            try
            {
                await foreach (var active in _client.StreamAsync(cancellationToken).ConfigureAwait(false))
                {
                    if (active)
                        activated();
                }

                retry = FirstRetry;
            }
            catch (RpcException)
            {
                // Tried again below, later and later: KEDA forgets that only at a clean end.
            }

            await Task.Delay(retry, _time, cancellationToken).ConfigureAwait(false);
            retry = retry * 2 < LongestRetry ? retry * 2 : LongestRetry;
        }
    }

    public void Dispose() => _channel.Dispose();
}
