using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace K8sQueue.Api.Hosting;

/// <summary>
/// Whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed: those of proxies that are configured, and of nobody else, since anybody can
/// write these headers.
/// </summary>
internal static class TrustedProxies
{
    public const string Variable = "K8SQUEUE_TRUSTED_PROXIES";

    /// <summary>Puts the client's address in place of that of a proxy that is trusted.</summary>
    /// <exception cref="ApiConfigurationException">The setting has something that is neither an address nor a network.</exception>
    public static void UseTrustedProxies(this WebApplication app)
    {
        if (Read(app.Configuration) is { } options)
            app.UseForwardedHeaders(options);
    }

    /// <summary>What ASP.NET Core's middleware is to do; null where no proxy is trusted.</summary>
    /// <exception cref="ApiConfigurationException">The setting has something that is neither an address nor a network.</exception>
    public static ForwardedHeadersOptions? Read(IConfiguration configuration)
    {
        if (configuration.Text(Variable) is not { } list)
            return null;

        // Each proxy adds the address that it sees: they are taken from the last one on, as long as they are proxies themselves.
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var text in list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (IPAddress.TryParse(text, out var address))
                options.KnownProxies.Add(address);
            else if (System.Net.IPNetwork.TryParse(text, out var network))
                options.KnownIPNetworks.Add(network);
            else
                throw new ApiConfigurationException($"{Variable} has '{text}', which is neither an address nor a network: write 10.0.0.7 or 10.0.0.0/8.");
        }

        return options;
    }
}
