using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.WorkQueues;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Operator.Tests.Histories.Operators;

/// <summary>A controller's work queue and workers.</summary>
internal interface IReconcileLoop
{
    /// <summary>Keys that could be taken now.</summary>
    int Waiting { get; }

    /// <summary>When the next delayed key is due.</summary>
    DateTimeOffset? NextDue { get; }

    /// <summary>Takes one of the keys and reconciles it up to its first call.</summary>
    void Start(int which);
}

/// <summary>What ControllerRunner does, with the order of things left to the history: one at a time a key, none for ever, failures later.</summary>
internal sealed class ReconcileLoop<T> : IReconcileLoop
    where T : class, IKubernetesObject
{
    private readonly OperatorProcess _owner;
    private readonly EntityReconciler<T> _reconciler;
    private readonly ControllerBuilder<T> _settings;
    private readonly ResourceInformer<T> _informer;
    private readonly TimeProvider _time;
    private readonly ItemExponentialFailureRateLimiter<NamespacedName> _failures = new();
    private readonly List<NamespacedName> _dirty = [];
    private readonly HashSet<NamespacedName> _running = [];
    private readonly Dictionary<NamespacedName, DateTimeOffset> _later = [];

    public ReconcileLoop(OperatorProcess owner, IServiceProvider services)
    {
        _owner = owner;
        _reconciler = services.GetRequiredService<EntityReconciler<T>>();
        _settings = services.GetRequiredService<ControllerBuilder<T>>();
        _informer = services.GetRequiredService<ResourceInformer<T>>();
        _time = services.GetRequiredService<TimeProvider>();
        _informer.Subscribe(OnChange);
        var trigger = new ControllerBuilder<T>.Trigger(Add, AddAll);
        foreach (var source in _settings.Sources)
            source(services, trigger);
    }

    public int Waiting
    {
        get
        {
            TakeDue();
            return _dirty.Count(key => !_running.Contains(key));
        }
    }

    public DateTimeOffset? NextDue => _later.Count == 0 ? null : _later.Values.Min();

    public void Start(int which)
    {
        var key = _dirty.Where(key => !_running.Contains(key)).ElementAt(which);
        _dirty.Remove(key);
        _running.Add(key);
        _ = RunAsync(key);
    }

    private async Task RunAsync(NamespacedName key)
    {
        try
        {
            Settle(key, await _reconciler.ReconcileAsync(key, CancellationToken.None).ConfigureAwait(false));
        }
        catch (KubernetesApiException)
        {
            AddLater(key, _failures.When(key));
        }
        catch (Exception e)
        {
            _owner.Bug = e;
        }

        _running.Remove(key);
    }

    private void Settle(NamespacedName key, ReconciliationResult<T>? result)
    {
        if (result is { IsSuccess: false })
        {
            if (result.Exception is not null and not KubernetesApiException)
                _owner.Bug = result.Exception;
            AddLater(key, result.RequeueAfter ?? _failures.When(key));
            return;
        }

        _failures.Forget(key);
        if (result?.RequeueAfter is { } after)
            AddLater(key, after);
    }

    private void OnChange(ResourceChange<T> change)
    {
        if (change.New is null)
            _reconciler.Deleted(change.Old!);
        if (change is not { Old: { } before, New: { } after } || _settings.ChangeFilter?.Invoke(before, after) != false)
            Add(change.Latest.Key());
    }

    private void Add(NamespacedName key)
    {
        if (!_dirty.Contains(key))
            _dirty.Add(key);
    }

    private void AddAll()
    {
        foreach (var entity in _informer.Store.List())
            Add(entity.Key());
    }

    private void AddLater(NamespacedName key, TimeSpan delay)
    {
        var due = _time.GetUtcNow() + delay;
        if (!_later.TryGetValue(key, out var known) || due < known)
            _later[key] = due;
    }

    private void TakeDue()
    {
        if (_later.Count == 0)
            return;
        var now = _time.GetUtcNow();
        foreach (var key in _later.Where(later => later.Value <= now).OrderBy(later => later.Key.Name, StringComparer.Ordinal).Select(later => later.Key).ToList())
        {
            _later.Remove(key);
            Add(key);
        }
    }
}
