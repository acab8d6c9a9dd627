using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.Models;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Kubernetes.Controllers;

/// <summary>Adds controllers, finalizers and informers to an operator.</summary>
public interface IOperatorBuilder
{
    IServiceCollection Services { get; }

    /// <summary>Reconciles entities of a kind.</summary>
    IOperatorBuilder AddController<TImplementation, TEntity>(Action<ControllerBuilder<TEntity>>? configure = null)
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : class, IKubernetesObject;

    /// <summary>Puts a finalizer on every entity of a kind (which needs a controller), and runs it before one goes.</summary>
    /// <param name="identifier">The finalizer's name, <c>domain/name</c>.</param>
    IOperatorBuilder AddFinalizer<TImplementation, TEntity>(string identifier)
        where TImplementation : class, IEntityFinalizer<TEntity>
        where TEntity : class, IKubernetesObject;

    /// <summary>
    /// Keeps a store of a kind; inject <see cref="ResourceInformer{T}"/> or <see cref="IResourceStore{T}"/>. There is one of a kind: several
    /// calls configure the same one.
    /// </summary>
    IOperatorBuilder AddInformer<T>(Action<InformerOptions<T>>? configure = null)
        where T : class, IKubernetesObject;
}
