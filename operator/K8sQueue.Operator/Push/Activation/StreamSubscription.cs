using System.Threading.Channels;

namespace K8sQueue.Operator.Push.Activation;

/// <summary>One of KEDA's streams, as the reader of its Redis sees it.</summary>
internal sealed class StreamSubscription(string queue, Func<bool> isAtZero, TimeProvider time)
{
    private readonly ActivationRepeat _repeat = new(time);
    private readonly Channel<bool> _activations = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public string Queue => queue;

    /// <summary>One item for each time that KEDA is to be told.</summary>
    public ChannelReader<bool> Activations => _activations.Reader;

    /// <summary>Whether the queue is worth a look. Called by one thread at a time, as <see cref="Offer"/> is.</summary>
    public bool IsWaiting()
    {
        if (isAtZero())
            return true;
        _repeat.Reset();
        return false;
    }

    /// <summary>Takes in what a look at the queue found.</summary>
    public void Offer(bool active)
    {
        if (_repeat.Next(active))
            _activations.Writer.TryWrite(true);
    }
}
