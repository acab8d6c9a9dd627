using K8sQueue.Core.Queues;

namespace K8sQueue.Benchmarks.Queues.Native;

/// <summary>A queue's housekeeping, once a second as in a worker, until it is disposed.</summary>
internal sealed class Maintenance : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public Maintenance(IJobQueue queue, string name) => _loop = RunAsync(queue, name, _stop.Token);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private static async Task RunAsync(IJobQueue queue, string name, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
                await queue.MaintainAsync(name, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Disposed.
        }
    }
}
