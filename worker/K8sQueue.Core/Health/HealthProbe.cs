using Microsoft.AspNetCore.Http;

namespace K8sQueue.Core.Health;

/// <summary>
/// <c>healthcheck</c> of the programs: asks one that runs beside it, in the same container, whether it is ready. Their images have neither a shell nor
/// curl to do it.
/// </summary>
public static class HealthProbe
{
    /// <summary>The first argument of the programs.</summary>
    public const string Command = "healthcheck";

    public const int Healthy = 0;

    /// <summary>The only other answer that container engines know.</summary>
    public const int Unhealthy = 1;

    /// <summary>How long an answer may take: 4 seconds, since engines are told to wait for 5.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(4);

    /// <summary>Where a server that listens there is asked by its own machine.</summary>
    /// <param name="listener">As Kestrel takes it: <c>http://0.0.0.0:8080</c>, <c>https://+:443</c>.</param>
    /// <param name="path">For example <c>/readyz</c>.</param>
    /// <exception cref="FormatException">It is no such address, or a socket that is no TCP port.</exception>
    public static Uri AddressOf(string listener, string path)
    {
        ArgumentNullException.ThrowIfNull(listener);
        var binding = BindingAddress.Parse(listener);
        if (binding.IsUnixPipe || binding.IsNamedPipe)
            throw new FormatException($"'{listener}' is no TCP port.");
        var host = binding.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "127.0.0.1" : binding.Host;
        return new UriBuilder(binding.Scheme, host, binding.Port, path).Uri;
    }

    /// <summary>Asks, and says on one of the writers what the answer was.</summary>
    /// <returns><see cref="Healthy"/> where the answer was 2xx, else <see cref="Unhealthy"/>.</returns>
    public static async Task<int> RunAsync(Uri address, TextWriter output, TextWriter error)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(error);

        // It asks the program that it is itself of: its certificate is for another name.
        using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null;
        using var http = new HttpClient(handler) { Timeout = Timeout };
        try
        {
            using var response = await http.GetAsync(address).ConfigureAwait(false);
            var text = (await response.Content.ReadAsStringAsync().ConfigureAwait(false)).Trim();
            await (response.IsSuccessStatusCode ? output : error).WriteLineAsync($"{address}: {(int)response.StatusCode} {text}").ConfigureAwait(false);
            return response.IsSuccessStatusCode ? Healthy : Unhealthy;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            await error.WriteLineAsync($"{address}: {e.Message}").ConfigureAwait(false);
            return Unhealthy;
        }
    }
}
