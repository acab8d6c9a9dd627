using K8sQueue.Api.Hosting;
using K8sQueue.Core.Health;

namespace K8sQueue.Api.Commands;

/// <summary><c>healthcheck</c>: asks the API of this container whether it is ready.</summary>
internal static class HealthCheckCommand
{
    private const string Path = "/readyz";

    public static async Task<int> RunAsync(TextWriter output, TextWriter error)
    {
        Uri address;
        try
        {
            address = HealthProbe.AddressOf(Listener(Environment()), Path);
        }
        catch (FormatException e)
        {
            await error.WriteLineAsync(e.Message);
            return HealthProbe.Unhealthy;
        }

        return await HealthProbe.RunAsync(address, output, error);
    }

    /// <summary>The first address that the API listens on with these settings, as its host would find it.</summary>
    internal static string Listener(IConfiguration environment)
    {
        if (First(environment[WebHostDefaults.ServerUrlsKey]) is { } url)
            return url;
        if (First(environment[WebHostDefaults.HttpPortsKey]) is { } port)
            return $"http://*:{port}";
        return First(environment[WebHostDefaults.HttpsPortsKey]) is { } httpsPort ? $"https://*:{httpsPort}" : ApiHost.DefaultUrl;
    }

    private static IConfigurationRoot Environment() =>
        new ConfigurationBuilder().AddEnvironmentVariables("ASPNETCORE_").AddEnvironmentVariables("DOTNET_").AddEnvironmentVariables().Build();

    private static string? First(string? list) =>
        list?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault();
}
