using K8sQueue.Worker.Hosting;
using Microsoft.Extensions.Options;

namespace K8sQueue.Worker.Execution;

/// <summary>
/// A token bucket in front of the fetch loop, so that a worker that may not start a job leaves it to others. The bucket is the fetch
/// loop's alone. System.Threading.RateLimiting's reads the system's clock and can't say when the next token is due.
/// </summary>
internal sealed class RateGate(IOptions<WorkerOptions> options, TimeProvider time)
{
    private readonly RateLimit? _limit = options.Value.RateLimit;
    private double _tokens = options.Value.RateLimit?.Jobs ?? 0;
    private long _filledAt = time.GetTimestamp();
    private volatile bool _holding;

    /// <summary>Whether the worker fetches nothing since it may start nothing.</summary>
    public bool IsHolding => _holding;

    /// <summary>Waits until a job may start. Answers how many may.</summary>
    public async ValueTask<int> WaitAsync(CancellationToken cancellationToken)
    {
        if (_limit is null)
            return int.MaxValue;
        try
        {
            Fill(_limit);
            while (_tokens < 1)
            {
                _holding = true;

                // Timers count whole milliseconds.
                var wait = (_limit.Period * ((1 - _tokens) / _limit.Jobs)) + TimeSpan.FromMilliseconds(1);
                await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
                Fill(_limit);
            }

            return (int)_tokens;
        }
        finally
        {
            _holding = false;
        }
    }

    public void Take(int jobs)
    {
        if (_limit is not null)
            _tokens -= jobs;
    }

    private void Fill(RateLimit limit)
    {
        var now = time.GetTimestamp();
        _tokens = Math.Min(limit.Jobs, _tokens + (time.GetElapsedTime(_filledAt, now) / limit.Period * limit.Jobs));
        _filledAt = now;
    }
}
