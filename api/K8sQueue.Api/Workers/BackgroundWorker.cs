using K8sQueue.Api.Hosting;
using K8sQueue.Worker.Hosting;

namespace K8sQueue.Api.Workers;

/// <summary>
/// A worker in the API's process, for installations of one program: the same worker by the same settings as a worker's own, under a name that tells
/// where it runs. The API is a producer only unless it is asked for.
/// </summary>
internal static class BackgroundWorker
{
    public const string Variable = "DISABLE_BACKGROUND_WORKERS";

    /// <summary>Whether there is none. The default value is true.</summary>
    /// <exception cref="ApiConfigurationException">The value can't be read.</exception>
    public static bool IsDisabled(IConfiguration configuration) => configuration[Variable] switch
    {
        null or "" => true,
        var text when bool.TryParse(text, out var value) => value,
        var text => throw new ApiConfigurationException($"{Variable} must be true or false, not '{text}'."),
    };

    /// <summary>Adds it where it is asked for.</summary>
    /// <exception cref="ApiConfigurationException">The value can't be read.</exception>
    /// <exception cref="WorkerConfigurationException">A setting of the worker is wrong.</exception>
    public static IServiceCollection AddBackgroundWorker(this IServiceCollection services, IConfiguration configuration)
    {
        if (!IsDisabled(configuration))
            services.AddK8sQueueWorker(configuration, options => Fit(options, configuration)).AddHandlers(configuration);
        return services;
    }

    private static void Fit(WorkerOptions options, IConfiguration configuration)
    {
        options.Name = InProcess.NameOf(options.Name);

        // The API has health and metrics already, and no operator scales it.
        if (string.IsNullOrEmpty(configuration[WorkerEnvironment.ManagementPort]))
            options.ManagementPort = null;
        if (options.RecycleAfterJobs != 0 || options.RecycleAboveMiB != 0)
        {
            throw new WorkerConfigurationException(
                $"{WorkerEnvironment.RecycleAfterJobs} and {WorkerEnvironment.RecycleAboveMiB} are for a worker of its own: a worker in the API can't start its process again.");
        }
    }
}
