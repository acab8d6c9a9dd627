using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Configuration;
using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.LeaderElection;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Caching;
using K8sQueue.Operator.Controllers;
using K8sQueue.Operator.Controllers.ConnectionBudgets;
using K8sQueue.Operator.Controllers.WorkerPools;
using K8sQueue.Operator.Discovery;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Hosting;
using K8sQueue.Operator.Push.Certificates;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the operator of WorkerPools and ConnectionBudgets.</summary>
public static class OperatorServiceCollectionExtensions
{
    public static IServiceCollection AddWorkerPoolOperator(this IServiceCollection services, OperatorSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        services.AddKubernetesClient(client =>
        {
            client.JsonContexts.Add(OperatorJsonContext.Default);
            client.UserAgent = Labels.FieldManager;
        });
        var builder = services.AddKubernetesOperator(options =>
        {
            options.Name = Labels.FieldManager;
            foreach (var name in settings.WatchNamespaces)
                options.Namespaces.Add(name);
            if (settings.LeaderElection)
            {
                options.LeaderElection = new LeaderElectionOptions
                {
                    LeaseName = OperatorSettings.LeaseName,
                    LeaseNamespace = settings.LeaseNamespace ?? KubernetesClientConfiguration.Default().Namespace,
                };
            }
        });
        services.AddSingleton<EndedPods>();
        services.AddSingleton(new ServerGuard(settings.AllowLinkLocal));
        services.AddSingleton<ICapacityReader, CapacityReader>();
        services.AddSingleton<HeldEvidence>();
        services.AddSingleton<CapacityDiscovery>();
        services.AddSingleton<KeyedLocks>();
        services.AddSingleton<GrantProtocol>();
        services.AddSingleton<DrainMetrics>();
        services.AddSingleton(static provider => new KilledPods(
            provider.GetRequiredService<DrainMetrics>(),
            provider.GetRequiredService<TimeProvider>(),
            () => provider.GetRequiredService<OperatorStatus>().IsLeading));
        services.AddSingleton<IWorkerManagement, WorkerManagementClient>();
        services.AddSingleton<DrainServices>();
        services.AddSingleton<OperatorMetrics>();
        services.AddHostedService(static provider => new HeapTrimmer(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(Stores);
        if (settings.Push is { } push)
            services.AddPush(push, settings.LeaseNamespace ?? KubernetesClientConfiguration.Default().Namespace);
        AddInformers(builder);
        AddControllers(builder, settings);
        return services;
    }

    /// <summary>
    /// Hears of deleted pods before any controller does: a budget that is settled because a pod went must know how it ended.
    /// </summary>
    public static IServiceProvider WatchEndedPods(this IServiceProvider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        var ended = provider.GetRequiredService<EndedPods>();
        var killed = provider.GetRequiredService<KilledPods>();
        var pods = provider.GetRequiredService<ResourceInformer<V1Pod>>();
        pods.Subscribe(ended.Observe);
        pods.Subscribe(killed.Observe);
        return provider;
    }

    /// <summary>Only what carries the pools' label is kept in memory, and only what is read of it.</summary>
    private static void AddInformers(IOperatorBuilder builder)
    {
        var keep = new CacheTransforms();
        builder.AddInformer<V1Alpha1WorkerPool>(options => options.Transform = keep.Pool);
        builder.AddInformer<V1Alpha1ConnectionBudget>(options => options.Transform = keep.Budget);
        AddChildren<V1Pod>(builder, keep.Pod);
        AddChildren<V1Deployment>(builder, keep.Deployment);
        AddChildren<V1PodDisruptionBudget>(builder, keep.DisruptionBudget);
        AddChildren<V1Alpha1ScaledObject>(builder, keep.ScaledObject);
        AddChildren<V1Alpha1TriggerAuthentication>(builder, keep.TriggerAuthentication);
    }

    private static void AddChildren<T>(IOperatorBuilder builder, Func<T, T> keep)
        where T : class, IKubernetesObject => builder.AddInformer<T>(options =>
    {
        options.LabelSelector = Labels.Pool;
        options.Transform = keep;
    });

    private static void AddControllers(IOperatorBuilder builder, OperatorSettings settings)
    {
        builder.Services.AddSingleton(static provider => new WorkerPoolController(
            provider.GetRequiredService<IKubernetesClient>(),
            provider.GetRequiredService<PoolStores>(),
            provider.GetRequiredService<GrantProtocol>(),
            provider.GetRequiredService<KeyedLocks>(),
            provider.GetRequiredService<DrainServices>(),
            provider.GetRequiredService<EventPublisher>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ClientSecrets>(),
            () => provider.GetRequiredService<OperatorStatus>().Stopping));
        builder.AddController<WorkerPoolController, V1Alpha1WorkerPool>(controller =>
        {
            controller.Workers = settings.Workers;
            controller.ChangeFilter = ControllerTriggers.IsWorthReconciling;
            controller.Owns<V1Deployment>()
                .Owns<V1PodDisruptionBudget>()
                .Owns<V1Alpha1ScaledObject>(optional: true)
                .Owns<V1Alpha1TriggerAuthentication>(optional: true)
                .Watches<V1Pod>(ControllerTriggers.PoolOf)
                .WatchesSource(WatchBudgets);
        });
        builder.AddFinalizer<ScaledObjectTeardown, V1Alpha1WorkerPool>(Labels.TeardownFinalizer);
        builder.AddFinalizer<BudgetRelease, V1Alpha1ConnectionBudget>(Labels.ReleaseFinalizer);
        builder.AddController<ConnectionBudgetController, V1Alpha1ConnectionBudget>(static controller =>
        {
            controller.Workers = 2;
            controller.WatchesSource(WatchPools).WatchesSource(WatchPods);
        });
    }

    /// <summary>What a budget means to pools, and what pools mean to each other.</summary>
    private static void WatchBudgets(IServiceProvider provider, Action<NamespacedName> enqueue)
    {
        var stores = provider.GetRequiredService<PoolStores>();
        stores.Allocations.Outdated += enqueue;
        provider.GetRequiredService<ResourceInformer<V1Alpha1ConnectionBudget>>().Subscribe(change =>
        {
            foreach (var pool in ControllerTriggers.PoolsOf(change, stores))
                enqueue(pool);
        });
    }

    private static void WatchPods(IServiceProvider provider, Action<NamespacedName> enqueue) =>
        provider.GetRequiredService<ResourceInformer<V1Pod>>().Subscribe(change =>
        {
            foreach (var budget in ControllerTriggers.BudgetsOf(change))
                enqueue(budget);
        });

    private static void WatchPools(IServiceProvider provider, Action<NamespacedName> enqueue)
    {
        var budgets = provider.GetRequiredService<IResourceStore<V1Alpha1ConnectionBudget>>();
        provider.GetRequiredService<ResourceInformer<V1Alpha1WorkerPool>>().Subscribe(change =>
        {
            foreach (var budget in Of(change.Old).Union(Of(change.New)))
                enqueue(budget);
        });

        IEnumerable<NamespacedName> Of(V1Alpha1WorkerPool? pool) => pool is null ? [] : ControllerTriggers.BudgetsOf(pool, budgets);
    }

    private static PoolStores Stores(IServiceProvider provider)
    {
        var scaledObjects = provider.GetRequiredService<ResourceInformer<V1Alpha1ScaledObject>>();
        return new PoolStores(
            provider.GetRequiredService<IResourceStore<V1Alpha1WorkerPool>>(),
            provider.GetRequiredService<IResourceStore<V1Alpha1ConnectionBudget>>(),
            provider.GetRequiredService<IResourceStore<V1Deployment>>(),
            provider.GetRequiredService<IResourceStore<V1Pod>>(),
            provider.GetRequiredService<IResourceStore<V1PodDisruptionBudget>>(),
            scaledObjects.Store,
            provider.GetRequiredService<IResourceStore<V1Alpha1TriggerAuthentication>>(),
            scaledObjects.IsServedIn,
            scaledObjects.RefusalIn).Index();
    }
}
