using System.Reflection;
using K8sQueue.Core.Health;
using K8sQueue.Core.Telemetry;
using K8sQueue.Worker.Hosting.Check;
using K8sQueue.Worker.Telemetry;
using Microsoft.Extensions.Options;

namespace K8sQueue.Worker.Hosting;

/// <summary>The worker as a program: everything from the environment, built-in handlers, Redis.</summary>
internal static class WorkerProgram
{
    private const string ServiceName = "k8squeue-worker";

    /// <summary>Runs until a signal has drained it. Answers one of <see cref="WorkerExit"/>.</summary>
    public static int Run(string[] args)
    {
        if (args is ["--version"])
        {
            Console.Out.WriteLine(Version);
            return WorkerExit.Drained;
        }

        if (args is [ScriptsCommand.Name, ..])
            return ScriptsCommand.Run(args.AsSpan(1), Console.Error);
        if (args is [CheckCommand.Name])
            return CheckCommand.RunAsync(FromEnvironment(), Console.Out, Console.Error).GetAwaiter().GetResult();
        if (args is [HealthProbe.Command])
            return HealthCheckCommand.RunAsync(FromEnvironment(), Console.Out, Console.Error).GetAwaiter().GetResult();
        try
        {
            using var host = Build(FromEnvironment());
            return host.RunK8sQueueWorker();
        }
        catch (Exception e) when (e is WorkerConfigurationException or OptionsValidationException or FormatException)
        {
            var faults = e is OptionsValidationException validation ? validation.Failures : [e.Message];
            foreach (var fault in faults)
                Console.Error.WriteLine($"k8squeue-worker: {fault}");
            return WorkerExit.Misconfigured;
        }
    }

    /// <exception cref="WorkerConfigurationException">A setting is wrong.</exception>
    internal static IHost Build(IConfiguration environment)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = ServiceName });
        builder.Configuration.AddConfiguration(environment);
        builder.Logging.AddConfiguration(environment.GetSection("Logging"));
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);

        // Its "failed to start" with a stack would bury the one line that says why.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Logging.AddWorkerConsole(environment);
        builder.Services
            .AddOtlpTracing(environment, ServiceName, WorkerTracing.SourceName)
            .AddOtlpMetrics(environment, ServiceName)
            .AddRedisJobQueue(environment, redis => redis.ClientName = new WorkerOptions().Bind(environment).Name)
            .AddK8sQueueWorker(environment, worker => worker.CollectsAfterPayloads = true)
            .AddHandlers(environment);
        return builder.Build();
    }

    private static IConfigurationRoot FromEnvironment() => new ConfigurationBuilder().AddEnvironmentVariables().Build();

    private static string Version =>
        typeof(WorkerProgram).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
}
