using System.Threading.Channels;
using K8sQueue.LocalCluster.Api;

namespace K8sQueue.LocalCluster.Storage;

/// <summary>
/// The changes of one resource, or of all, for one reader. A bounded reader that falls too far behind is cut off: the channel then
/// completes after what it holds, as a watch that the server ends.
/// </summary>
internal sealed class StoreSubscription : IDisposable
{
    private readonly ObjectStore _store;
    private readonly GroupResource? _resource;
    private readonly Channel<StoreEvent> _channel;

    public StoreSubscription(ObjectStore store, GroupResource? resource, int? capacity)
    {
        _store = store;
        _resource = resource;
        _channel = capacity is { } bound ? Channel.CreateBounded<StoreEvent>(bound) : Channel.CreateUnbounded<StoreEvent>();
    }

    public ChannelReader<StoreEvent> Changes => _channel.Reader;

    public void Dispose()
    {
        _store.Detach(this);
        _channel.Writer.TryComplete();
    }

    /// <summary>False once the reader was cut off.</summary>
    internal bool Offer(StoreEvent change)
    {
        if (_resource is not null && change.Object.Resource != _resource)
            return true;
        if (_channel.Writer.TryWrite(change))
            return true;
        _channel.Writer.TryComplete();
        return false;
    }
}
