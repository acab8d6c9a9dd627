using K8sQueue.Core.Queues;

namespace K8sQueue.Chaos.Running;

/// <summary>Housekeeping at the queue's interval, as an API does it beside the workers, until it is disposed.</summary>
internal sealed class Housekeeper : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;

    public Housekeeper(IJobQueue queue, IReadOnlyList<string> queues, LeaseTimings timings) => _run = RunAsync(queue, queues, timings, _stop.Token);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    private static async Task RunAsync(IJobQueue queue, IReadOnlyList<string> queues, LeaseTimings timings, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(timings.MaintenanceInterval, TimeProvider.System);
        try
        {
            do
                await Task.WhenAll(queues.Select(name => queue.MaintainAsync(name, cancellationToken).AsTask()));
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Disposed.
        }
    }
}
