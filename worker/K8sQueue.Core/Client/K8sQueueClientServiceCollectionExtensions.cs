using K8sQueue.Client;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the client of the HTTP API.</summary>
public static class K8sQueueClientServiceCollectionExtensions
{
    // Connections are renewed, so that a client that is kept follows the address of the API.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Adds a <see cref="K8sQueueClient"/>, which may be kept for as long as the process runs. Its options are validated when the host starts. What is
    /// returned takes further handlers; the client repeats calls by itself.
    /// </summary>
    public static IHttpClientBuilder AddK8sQueueClient(this IServiceCollection services, Action<K8sQueueClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<K8sQueueClientOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<K8sQueueClientOptions>, K8sQueueClientOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddHttpClient<K8sQueueClient>((provider, http) =>
            {
                http.BaseAddress = WithSlash(provider.GetRequiredService<IOptions<K8sQueueClientOptions>>().Value.Address!);

                // Attempts have limits of their own, and a bulk has none.
                http.Timeout = Timeout.InfiniteTimeSpan;
            })
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { PooledConnectionLifetime = ConnectionLifetime, AllowAutoRedirect = false })
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan);
    }

    // Without it, the last part of an address with a path would be left out.
    private static Uri WithSlash(Uri address) => address.AbsolutePath.EndsWith('/') ? address : new UriBuilder(address) { Path = address.AbsolutePath + "/" }.Uri;
}
