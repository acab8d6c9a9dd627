using K8sQueue.Operator.Push.Protocol;

namespace K8sQueue.LocalCluster.Autoscaling.Scalers.External;

/// <summary>KEDA's side of externalscaler.ExternalScaler.</summary>
internal sealed class ExternalScalerClient(RpcChannel channel, ScaledObjectRef reference)
{
    private const string Service = "/externalscaler.ExternalScaler/";

    public async Task<bool> IsActiveAsync(CancellationToken cancellationToken) =>
        (await channel.CallAsync(Service + "IsActive", RpcChannel.Frame(reference), IsActiveResponse.Parser, cancellationToken).ConfigureAwait(false)).Result;

    public async Task<MetricSpec?> SpecAsync(CancellationToken cancellationToken)
    {
        var response = await channel.CallAsync(
            Service + "GetMetricSpec", RpcChannel.Frame(reference), GetMetricSpecResponse.Parser, cancellationToken).ConfigureAwait(false);
        return response.MetricSpecs.FirstOrDefault();
    }

    public async Task<double> MetricAsync(string name, CancellationToken cancellationToken)
    {
        var request = new GetMetricsRequest { ScaledObjectRef = reference, MetricName = name };
        var response = await channel.CallAsync(
            Service + "GetMetrics", RpcChannel.Frame(request), GetMetricsResponse.Parser, cancellationToken).ConfigureAwait(false);
        return response.MetricValues.FirstOrDefault() is { } value
            ? value.MetricValueFloat > 0 ? value.MetricValueFloat : value.MetricValue_
            : throw new RpcException(RpcException.Unavailable, "there is no such metric");
    }

    /// <summary>What the scaler says of itself, until it ends the stream.</summary>
    public async IAsyncEnumerable<bool> StreamAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var messages = channel.StreamAsync(Service + "StreamIsActive", RpcChannel.Frame(reference), IsActiveResponse.Parser, cancellationToken);
        await foreach (var message in messages.ConfigureAwait(false))
            yield return message.Result;
    }
}
