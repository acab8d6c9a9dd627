namespace K8sQueue.Api.RateLimits;

/// <summary>While the cache is away, looks every second whether it is back.</summary>
internal sealed class RateLimitWatch(RateLimiting limits, TimeProvider time) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (limits.Store is not { } store)
            return;
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (store.IsAway)
                await store.ProbeAsync();
        }
    }
}
