using K8sQueue.LocalCluster.Admission;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.GarbageCollection;
using K8sQueue.LocalCluster.Operations;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Schema;
using K8sQueue.LocalCluster.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the API server without HTTP.</summary>
public static class LocalClusterServiceCollectionExtensions
{
    /// <summary>Adds the store and <see cref="IClusterApi"/>, empty but for the namespaces that every cluster has.</summary>
    public static IServiceCollection AddClusterApi(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IValidationRuleSource, NoValidationRules>();
        services.TryAddSingleton(provider => new ObjectStore(
            firstVersion: provider.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeSeconds()));
        services.TryAddSingleton(provider => new ResourceCatalog(provider.GetRequiredService<ObjectStore>(), BuiltInResources.All));
        services.TryAddSingleton(provider => new AdmissionChain(provider));
        services.TryAddSingleton<RuleValidator>();
        services.TryAddSingleton<SchemaValidator>();
        services.TryAddSingleton<ObjectPipeline>();
        services.TryAddSingleton<NamespaceGuard>();
        services.TryAddSingleton<ObjectReader>();
        services.TryAddSingleton<ObjectCreator>();
        services.TryAddSingleton<ObjectUpdater>();
        services.TryAddSingleton<ObjectDeleter>();
        services.TryAddSingleton<ClusterApi>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IAdmissionValidator, UnknownRuleWarner>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IAdmissionValidator, AdmissionPolicies>());
        services.AddHostedService<GarbageCollector>();
        services.AddHostedService<EventExpiry>();
        services.TryAddSingleton<IClusterApi>(provider => ClusterSeed.Plant(provider.GetRequiredService<ClusterApi>()));
        return services;
    }
}
