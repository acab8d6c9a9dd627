using K8sQueue.Core.Health;

namespace K8sQueue.Worker.Hosting;

/// <summary><c>healthcheck</c>: asks the worker of this container whether it is ready.</summary>
internal static class HealthCheckCommand
{
    private const string Path = "/readyz";

    public static async Task<int> RunAsync(IConfiguration environment, TextWriter output, TextWriter error)
    {
        Uri address;
        try
        {
            address = AddressOf(new WorkerOptions().Bind(environment));
        }
        catch (Exception e) when (e is WorkerConfigurationException or FormatException)
        {
            await error.WriteLineAsync($"k8squeue-worker: {HealthProbe.Command}: {e.Message}");
            return HealthProbe.Unhealthy;
        }

        return await HealthProbe.RunAsync(address, output, error);
    }

    private static Uri AddressOf(WorkerOptions options)
    {
        if (options.ManagementPort is not > 0)
            throw new WorkerConfigurationException($"{WorkerEnvironment.ManagementPort} must be a port, so that the worker can be asked there.");
        var address = options.ManagementAddress;
        return HealthProbe.AddressOf(new UriBuilder(Uri.UriSchemeHttp, address.ToString(), options.ManagementPort.Value).Uri.GetLeftPart(UriPartial.Authority), Path);
    }
}
