using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace K8sQueue.Kubernetes.Controllers;

internal sealed class OperatorBuilder(IServiceCollection services) : IOperatorBuilder
{
    public IServiceCollection Services => services;

    public IOperatorBuilder AddController<TImplementation, TEntity>(Action<ControllerBuilder<TEntity>>? configure)
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : class, IKubernetesObject
    {
        AddInformer<TEntity>();
        var builder = new ControllerBuilder<TEntity>(this);
        configure?.Invoke(builder);
        services.TryAddSingleton<TImplementation>();
        services.AddSingleton(builder);
        services.AddSingleton(provider => new EntityReconciler<TEntity>(
            provider.GetRequiredService<TImplementation>(),
            provider.GetServices<FinalizerRegistration<TEntity>>(),
            provider.GetRequiredService<ResourceInformer<TEntity>>().Store,
            new FinalizerPatcher<TEntity>(provider.GetRequiredService<IKubernetesClient>(), provider.GetRequiredService<TimeProvider>()),
            provider.GetRequiredService<KubernetesClientJson>()));
        services.AddSingleton<IControllerRunner>(provider =>
            new ControllerRunner<TEntity>(builder, provider.GetRequiredService<EntityReconciler<TEntity>>(), provider));
        return this;
    }

    public IOperatorBuilder AddFinalizer<TImplementation, TEntity>(string identifier)
        where TImplementation : class, IEntityFinalizer<TEntity>
        where TEntity : class, IKubernetesObject
    {
        ArgumentException.ThrowIfNullOrEmpty(identifier);
        services.TryAddSingleton<TImplementation>();
        services.AddSingleton(provider => new FinalizerRegistration<TEntity>(identifier, provider.GetRequiredService<TImplementation>()));
        return this;
    }

    public IOperatorBuilder AddInformer<T>(Action<InformerOptions<T>>? configure = null)
        where T : class, IKubernetesObject
    {
        if (configure is not null)
            services.AddSingleton(new InformerConfiguration<T>(configure));
        services.TryAddSingleton(Create<T>);
        services.TryAddSingleton(static provider => provider.GetRequiredService<ResourceInformer<T>>().Store);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IResourceInformer, ResourceInformer<T>>(
            static provider => provider.GetRequiredService<ResourceInformer<T>>()));
        return this;
    }

    private static ResourceInformer<T> Create<T>(IServiceProvider provider)
        where T : class, IKubernetesObject
    {
        var options = new InformerOptions<T>
        {
            Namespaces = [.. provider.GetRequiredService<IOptions<OperatorOptions>>().Value.Namespaces],
        };
        foreach (var configuration in provider.GetServices<InformerConfiguration<T>>())
            configuration.Configure(options);
        return new ResourceInformer<T>(
            provider.GetRequiredService<IKubernetesClient>(),
            options,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ResourceInformer<T>>>());
    }

    private sealed record InformerConfiguration<T>(Action<InformerOptions<T>> Configure)
        where T : class, IKubernetesObject;
}

/// <summary>A finalizer and its name.</summary>
internal sealed record FinalizerRegistration<TEntity>(string Identifier, IEntityFinalizer<TEntity> Finalizer)
    where TEntity : class, IKubernetesObject;
