using K8sQueue.Core.InMemory;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Core.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds one <see cref="IJobQueue"/>.</summary>
public static class JobQueueServiceCollectionExtensions
{
    /// <summary>Adds the queue on Redis. Its options are validated when the host starts.</summary>
    public static IServiceCollection AddRedisJobQueue(this IServiceCollection services, Action<RedisQueueOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<RedisQueueOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RedisQueueOptions>, RedisQueueOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.TryAddSingleton<JobQueueMetrics>();
        services.TryAddSingleton<IJobQueue>(s => new RedisJobQueue(
            s.GetRequiredService<IOptions<RedisQueueOptions>>().Value,
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILoggerFactory>(),
            s.GetRequiredService<JobQueueMetrics>()));
        return services;
    }

    /// <summary>Adds the queue on Redis, with the settings of <see cref="RedisQueueConfiguration"/>.</summary>
    public static IServiceCollection AddRedisJobQueue(
        this IServiceCollection services, IConfiguration configuration, Action<RedisQueueOptions>? configure = null) =>
        services.AddRedisJobQueue(o =>
        {
            o.Bind(configuration);
            configure?.Invoke(o);
        });

    /// <summary>
    /// Adds the <see cref="JobRoutes"/> of <see cref="JobRoutes.Variable"/>, by which a producer finds the queue of a job's type:
    /// <c>new JobRequest { Queue = routes.QueueOf("email.send"), Type = "email.send" }</c>.
    /// </summary>
    /// <exception cref="FormatException">The value is wrong; the message says where.</exception>
    public static IServiceCollection AddJobRoutes(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(JobRoutes.From(configuration));
        return services;
    }

    /// <summary>Adds a queue that lives and ends with this process.</summary>
    public static IServiceCollection AddInMemoryJobQueue(this IServiceCollection services, Action<InMemoryQueueOptions>? configure = null)
    {
        services.AddOptions<InMemoryQueueOptions>().Configure(configure ?? (_ => { }));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IJobQueue>(s => new InMemoryJobQueue(
            s.GetRequiredService<IOptions<InMemoryQueueOptions>>().Value, s.GetRequiredService<TimeProvider>()));
        return services;
    }
}
