using K8sQueue.Chaos.Running;

namespace K8sQueue.Chaos.Load;

/// <summary>Batches of random sizes at a rate, until it is stopped.</summary>
internal sealed class BackgroundLoad : IAsyncDisposable
{
    private const int LargestBatch = 100;
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;

    /// <param name="producer">Enqueues.</param>
    /// <param name="mix">Makes the jobs.</param>
    /// <param name="perSecond">Jobs a second.</param>
    /// <param name="random">Draws sizes and jobs; the load's alone.</param>
    public BackgroundLoad(Producer producer, JobMix mix, int perSecond, Random random) =>
        _run = RunAsync(producer, mix, perSecond, random);

    /// <summary>Calls that failed.</summary>
    public int Failures { get; private set; }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _run;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task RunAsync(Producer producer, JobMix mix, int perSecond, Random random)
    {
        while (!_stop.IsCancellationRequested)
        {
            // Small batches for the most part, and some that are large enough for the bulk call.
            var count = 1 + (int)(LargestBatch * Math.Pow(random.NextDouble(), 3));
            var failure = await producer.EnqueueAsync(count, mix.Batch(random), CancellationToken.None);
            if (failure is not null)
                Failures++;
            await Task.WhenAny(
                Clock.WaitAsync(failure is null ? TimeSpan.FromSeconds((double)count / perSecond) : AfterFailure, CancellationToken.None),
                Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token));
        }
    }
}
