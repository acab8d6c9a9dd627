using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.WorkQueues;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Kubernetes.Controllers;

/// <summary>What makes a controller reconcile, and how.</summary>
public sealed class ControllerBuilder<TEntity>
    where TEntity : class, IKubernetesObject
{
    private readonly IOperatorBuilder _operator;

    internal ControllerBuilder(IOperatorBuilder builder) => _operator = builder;

    /// <summary>Entities reconciled at the same time. The default value is 1.</summary>
    public int Workers { get; set; } = 1;

    /// <summary>How often everything is reconciled without a cause, +-10%. The default value is 10 hours.</summary>
    public TimeSpan Resync { get; set; } = TimeSpan.FromHours(10);

    /// <summary>
    /// Which changes of an entity (before, after) are worth a reconciliation; null, the default, means all of them. Additions, deletions and
    /// resyncs always are.
    /// </summary>
    public Func<TEntity, TEntity, bool>? ChangeFilter { get; set; }

    /// <summary>How failed entities are delayed; null, the default, means 5 ms, doubled up to 1000 s.</summary>
    public IRateLimiter<NamespacedName>? RateLimiter { get; set; }

    internal List<Action<IServiceProvider, Trigger>> Sources { get; } = [];

    /// <summary>Reconciles the entity that is the controller (by owner reference) of a changed object.</summary>
    /// <param name="optional">The kind may not be installed; when it comes or goes, every entity is reconciled.</param>
    public ControllerBuilder<TEntity> Owns<T>(bool optional = false)
        where T : class, IKubernetesObject => Watches<T>(OwnerKeys, optional);

    /// <summary>Reconciles the entities that a changed object maps to, those of its state before and those of its state after.</summary>
    /// <param name="map">Keys of entities; quick, since the watch waits for it.</param>
    /// <param name="optional">The kind may not be installed; when it comes or goes, every entity is reconciled.</param>
    public ControllerBuilder<TEntity> Watches<T>(Func<T, IEnumerable<NamespacedName>> map, bool optional = false)
        where T : class, IKubernetesObject
    {
        ArgumentNullException.ThrowIfNull(map);
        _operator.AddInformer<T>(optional ? static o => o.Optional = true : null);
        Sources.Add((provider, trigger) =>
        {
            var informer = provider.GetRequiredService<ResourceInformer<T>>();
            informer.Subscribe(change =>
            {
                foreach (var key in Keys(change.Old, map).Union(Keys(change.New, map)))
                    trigger.One(key);
            });
            if (optional)
                informer.SubscribeServed(_ => trigger.All());
        });
        return this;
    }

    /// <summary>Reconciles the entities that something else than an informer names: what controller-runtime calls a channel.</summary>
    /// <param name="subscribe">Is given the services and what to call with a key, from any thread; called once, when the controller starts.</param>
    public ControllerBuilder<TEntity> WatchesSource(Action<IServiceProvider, Action<NamespacedName>> subscribe)
    {
        ArgumentNullException.ThrowIfNull(subscribe);
        Sources.Add((provider, trigger) => subscribe(provider, trigger.One));
        return this;
    }

    private static IEnumerable<NamespacedName> Keys<T>(T? value, Func<T, IEnumerable<NamespacedName>> map)
        where T : class => value is null ? [] : map(value);

    private static IEnumerable<NamespacedName> OwnerKeys<T>(T value)
        where T : class, IKubernetesObject =>
        value.ControllerReference() is { } owner && owner.Kind == ResourceType<TEntity>.Kind && GroupOf(owner.ApiVersion) == ResourceType<TEntity>.Group
            ? [new NamespacedName(ResourceType<TEntity>.IsClusterScoped ? "" : value.Metadata.Namespace ?? "", owner.Name)]
            : [];

    private static string GroupOf(string apiVersion) =>
        apiVersion.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0 ? apiVersion[..slash] : "";

    /// <summary>What a source calls when something happened.</summary>
    internal sealed record Trigger(Action<NamespacedName> One, Action All);
}
