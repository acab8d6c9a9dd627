using K8sQueue.Quickstart.Stack;

namespace K8sQueue.Quickstart.Run;

/// <summary>Measures the peak of connections that a pool's pods have at Redis, 20 times a second.</summary>
public sealed class ConnectionSampler : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public ConnectionSampler(int port, string password, string podPrefix) => _loop = RunAsync(port, password, podPrefix);

    /// <summary>The most connections seen at once.</summary>
    public int Peak { get; private set; }

    /// <summary>The connections of the last sample.</summary>
    public int Current { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync(int port, string password, string podPrefix)
    {
        using var timer = new PeriodicTimer(Interval);
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            Current = await RedisClients.CountAsync(port, password, podPrefix, _stop.Token);
            Peak = Math.Max(Peak, Current);
        }
    }
}
