using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Tests.Histories.Apis;

namespace K8sQueue.Operator.Tests.Histories.Operators;

/// <summary>An operator's cache of one kind, as far behind as the history lets it be.</summary>
internal interface IWatch
{
    bool IsBehind { get; }

    /// <summary>Hears of the next so many changes.</summary>
    void Hear(int changes);

    /// <summary>Lost its place and lists again: what went meanwhile is only found missing.</summary>
    void Relist();
}

internal sealed class Watch<T> : IWatch
    where T : class, IKubernetesObject
{
    private readonly IReflectorSink<T> _informer;
    private readonly ApiTable<T> _table;
    private readonly string? _selector;
    private int _heard;

    public Watch(ResourceInformer<T> informer, Api api)
    {
        _informer = informer;
        _selector = informer.Options.LabelSelector;
        _table = api.Of<T>();
        Relist();
    }

    public bool IsBehind => _heard < _table.Changes.Count;

    public void Relist()
    {
        _informer.Replace(null, [.. _table.All.Where(IsWatched)]);
        _heard = _table.Changes.Count;
    }

    public void Hear(int changes)
    {
        for (; changes > 0 && IsBehind; changes--)
            Hear(_table.Changes[_heard++]);
    }

    /// <summary>Of what does not match any more, a watch says "deleted", with the last state that matched.</summary>
    private void Hear(ApiChange<T> change)
    {
        var (was, @is) = (change.Before is not null && IsWatched(change.Before), change.After is not null && IsWatched(change.After));
        if (@is)
            _informer.Apply(was ? WatchEventType.Modified : WatchEventType.Added, change.After!);
        else if (was)
            _informer.Apply(WatchEventType.Deleted, change.Before!);
    }

    private bool IsWatched(T value) => LabelSelector.Matches(value, _selector);
}
