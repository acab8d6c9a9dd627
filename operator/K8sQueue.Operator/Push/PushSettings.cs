using System.Net;

namespace K8sQueue.Operator.Push;

/// <summary>Where the scaler of pushed queues listens, and where KEDA finds it.</summary>
/// <param name="Listen">K8SQUEUE_PUSH_ADDRESS: <c>0.0.0.0:9443</c>.</param>
/// <param name="AdvertisedAddress">K8SQUEUE_PUSH_ADVERTISED_ADDRESS: <c>host:port</c>, as KEDA's operator reaches it.</param>
public sealed record PushSettings(IPEndPoint Listen, string AdvertisedAddress)
{
    public const string ListenVariable = "K8SQUEUE_PUSH_ADDRESS";
    public const string AdvertisedVariable = "K8SQUEUE_PUSH_ADVERTISED_ADDRESS";

    /// <summary>The host that the server's certificate is for.</summary>
    public string Host => AdvertisedAddress[..AdvertisedAddress.LastIndexOf(':')].Trim('[', ']');

    /// <summary>Null where neither is set: then there is no push.</summary>
    /// <exception cref="FormatException">Only one of them is set, or one can't be read.</exception>
    public static PushSettings? From(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var (listen, advertised) = (configuration[ListenVariable], configuration[AdvertisedVariable]);
        if (string.IsNullOrEmpty(listen) && string.IsNullOrEmpty(advertised))
            return null;
        if (string.IsNullOrEmpty(listen) || string.IsNullOrEmpty(advertised))
            throw new FormatException($"Set both {ListenVariable} and {AdvertisedVariable}, or neither.");
        if (!IPEndPoint.TryParse(listen, out var endpoint) || endpoint.Port == 0)
            throw new FormatException($"{ListenVariable}: '{listen}' is not address:port, for example 0.0.0.0:9443.");
        if (!Uri.TryCreate($"tcp://{advertised}", UriKind.Absolute, out var uri)
            || !string.Equals(uri.Authority, advertised, StringComparison.OrdinalIgnoreCase)
            || advertised.LastIndexOf(':') <= advertised.LastIndexOf(']'))
        {
            throw new FormatException($"{AdvertisedVariable}: '{advertised}' is not host:port, for example k8squeue-push.k8squeue:9443.");
        }

        return new PushSettings(endpoint, advertised);
    }
}
