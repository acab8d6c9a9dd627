using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.Informers;
using K8sQueue.Operator.Controllers;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Hosting;
using K8sQueue.Operator.Tests.Histories.Apis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace K8sQueue.Operator.Tests.Histories.Operators;

/// <summary>
/// One process of the operator, wired as the real one, but for the client, the clock and the threads: what it hears, starts, sends and gets
/// answered is up to the history. It thinks that it leads.
/// </summary>
internal sealed class OperatorProcess
{
    // Making JSON metadata anew for each process would take most of the time.
    private static readonly KubernetesClientJson Json = new(Options.Create(
        new KubernetesClientOptions { JsonContexts = { OperatorJsonContext.Default } }));

    private readonly List<ApiCall> _calls;
    private readonly Holds _holds;
    private readonly TimeProvider _time;

    public OperatorProcess(string name, Api api, TimeProvider time, List<ApiCall> calls, Holds holds, Clusters.Cluster cluster)
    {
        Name = name;
        _calls = calls;
        _holds = holds;
        _time = time;
        var services = new ServiceCollection();
        services.AddSingleton(time);
        services.AddSingleton<IKubernetesClient>(new ApiClient(this, api, cluster));
        services.AddSingleton(Json);
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        services.AddSingleton<EventPublisher>((_, _, _, _, _) => Task.CompletedTask);
        services.AddWorkerPoolOperator(new OperatorSettings { LeaderElection = false });
        services.Replace(ServiceDescriptor.Singleton<IWorkerManagement>(new Clusters.ManagementPorts(cluster)));
        services.Replace(ServiceDescriptor.Singleton<KeyedLocks>(new LateLocks(this)));
        var provider = services.BuildServiceProvider();
        Watches = [.. provider.GetServices<IResourceInformer>().Select(informer => WatchOf(informer, api))];
        provider.WatchEndedPods();
        Loops =
        [
            new ReconcileLoop<V1Alpha1WorkerPool>(this, provider),
            new ReconcileLoop<V1Alpha1ConnectionBudget>(this, provider),
        ];
    }

    public string Name { get; }

    public bool IsDead { get; private set; }

    /// <summary>What no reconciliation may throw.</summary>
    public Exception? Bug { get; set; }

    public IReadOnlyList<IWatch> Watches { get; }

    public IReadOnlyList<IReconcileLoop> Loops { get; }

    /// <summary>Its memory is gone, and it sends nothing more. What it has sent may still arrive.</summary>
    public void Kill() => IsDead = true;

    public Task<T> Send<T>(string name, bool isWrite, Func<T> effect)
    {
        var call = new ApiCall<T>(this, name, isWrite, _time.GetUtcNow(), effect);
        if (IsDead)
            return call.Task;
        _holds.Catch(call);
        _calls.Add(call);
        return call.Task;
    }

    private static IWatch WatchOf(IResourceInformer informer, Api api) =>
        (IWatch)Activator.CreateInstance(typeof(Watch<>).MakeGenericType(informer.GetType().GetGenericArguments()), informer, api)!;

    /// <summary>
    /// Locks only spare conflicts. Without them there are some, and nothing waits on another thread. Some are waited for all the same: that is
    /// when grants are gathered.
    /// </summary>
    private sealed class LateLocks(OperatorProcess owner) : KeyedLocks, IDisposable
    {
        public override Task<IDisposable> TakeAsync(IEnumerable<string> keys, CancellationToken cancellationToken) => owner._holds.IsLockLate()
            ? owner.Send<IDisposable>("lock", isWrite: false, () => this)
            : Task.FromResult<IDisposable>(this);

        public void Dispose()
        {
        }
    }
}
