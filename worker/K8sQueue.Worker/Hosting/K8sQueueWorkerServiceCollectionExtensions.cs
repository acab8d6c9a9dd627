using K8sQueue.Worker.Capacity;
using K8sQueue.Worker.Execution;
using K8sQueue.Worker.Execution.Payloads;
using K8sQueue.Worker.Handlers;
using K8sQueue.Worker.Hosting;
using K8sQueue.Worker.Management;
using K8sQueue.Worker.Telemetry;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a worker to a host.</summary>
public static class K8sQueueWorkerServiceCollectionExtensions
{
    /// <summary>As the operator's pods are told: by the <c>K8SQUEUE_*</c> variables of docs/reference/worker.md.</summary>
    /// <inheritdoc cref="AddK8sQueueWorker(IServiceCollection, Action{WorkerOptions})"/>
    public static K8sQueueWorkerBuilder AddK8sQueueWorker(
        this IServiceCollection services, IConfiguration configuration, Action<WorkerOptions>? configure = null) =>
        services.AddK8sQueueWorker(options =>
        {
            options.Bind(configuration);
            configure?.Invoke(options);
        });

    /// <summary>
    /// Adds a worker, which reads from the host's <see cref="K8sQueue.Core.Queues.IJobQueue"/> (<c>AddRedisJobQueue</c>). It starts and
    /// drains with the host, whose shutdown time-out is raised to the drain's where it is shorter. Housekeeping runs at the
    /// <see cref="K8sQueue.Core.Redis.RedisQueueOptions.MaintenanceInterval"/> of the host's options.
    /// </summary>
    public static K8sQueueWorkerBuilder AddK8sQueueWorker(this IServiceCollection services, Action<WorkerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<WorkerOptions>().Configure(configure).PostConfigure(JobTypeRules.FindQueues).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<WorkerOptions>, WorkerOptionsValidator>());
        services.AddOptions<HostOptions>().PostConfigure<IOptions<WorkerOptions>>((host, worker) =>
        {
            var drain = worker.Value.DrainTimeout + WorkerOptions.DrainMargin;
            host.ShutdownTimeout = host.ShutdownTimeout < drain ? drain : host.ShutdownTimeout;
        });
        services.AddK8sQueueMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<JobHandlerRegistry>();
        services.TryAddSingleton(s =>
        {
            var worker = s.GetRequiredService<IOptions<WorkerOptions>>().Value;
            return new RunningJobs(worker.Concurrency + worker.Prefetch, maxReplaced: worker.Concurrency);
        });
        services.TryAddSingleton<JobTurns>();
        services.TryAddSingleton<PayloadLoader>();
        services.TryAddSingleton<RateGate>();
        services.TryAddSingleton<WorkerHealth>();
        services.TryAddSingleton<WorkerMetrics>();
        services.TryAddSingleton<WorkerLoad>();
        services.TryAddSingleton<LoadReporter>();
        services.TryAddSingleton<FetchGate>();
        services.TryAddSingleton<OutcomeFlusher>();
        services.TryAddSingleton<ProgressReporter>();
        services.TryAddSingleton<JobExecutor>();
        services.TryAddSingleton<FetchLoop>();
        services.TryAddSingleton<MaintenanceLoop>();
        services.TryAddSingleton<WorkerDrain>();
        services.TryAddSingleton<ManagementServer>();
        services.TryAddSingleton<JobWorker>();
        services.TryAddSingleton<RecycleRequest>();

        // Services stop in reverse: the management port outlives the drain.
        services.AddHostedService(s => s.GetRequiredService<ManagementServer>());
        services.AddHostedService(s => s.GetRequiredService<JobWorker>());
        services.AddHostedService<WorkerRecycler>();
        return new K8sQueueWorkerBuilder(services);
    }
}
