using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Running;
using K8sQueue.Worker.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace K8sQueue.Chaos.Workers;

/// <summary>A worker as a .NET host has it, with the settings of the environment, handlers that misbehave, and a history file.</summary>
internal static class ChaosWorker
{
    public const string Verb = "worker";

    /// <summary>The variable that names the folder of history files.</summary>
    public const string HistoryFolder = "CHAOS_HISTORY";

    /// <summary>The variable with the lease in milliseconds.</summary>
    public const string LeaseMilliseconds = "CHAOS_LEASE_MS";

    public static int Run()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "chaos-worker" });
        builder.Configuration.AddEnvironmentVariables();
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
        });
        var name = Setting(builder.Configuration, WorkerEnvironment.PodName);
        using var history = HistoryFile.Create(Setting(builder.Configuration, HistoryFolder), name);
        var timings = new LeaseTimings(TimeSpan.FromMilliseconds(builder.Configuration.GetValue<int>(LeaseMilliseconds)));
        builder.Services
            .AddSingleton(history)
            .AddRedisJobQueue(builder.Configuration, redis =>
            {
                redis.ClientName = name;
                timings.Apply(redis);
            })
            .RecordJobQueue(history)
            .AddK8sQueueWorker(builder.Configuration, worker => worker.ManagementPort = null)
            .AddChaosHandlers();
        using var host = builder.Build();
        return host.RunK8sQueueWorker();
    }

    private static string Setting(ConfigurationManager configuration, string name) =>
        configuration[name] ?? throw new InvalidOperationException($"{name} is missing: `{Verb}` is started by `run`.");
}
