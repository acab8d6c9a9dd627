using K8sQueue.Api.Telemetry;

namespace K8sQueue.Api.Cluster;

/// <summary>Registers what looks at the cluster.</summary>
internal static class ClusterExtensions
{
    public static IServiceCollection AddCluster(this IServiceCollection services)
    {
        services.AddSingleton(provider => ClusterOptions.From(provider.GetRequiredService<IConfiguration>()));
        services.AddSingleton<ClusterAccess>();
        services.AddSingleton<ClusterReader>();
        services.AddSingleton<PoolTrends>();
        services.AddHostedService<PoolSampler>();
        return services;
    }
}
