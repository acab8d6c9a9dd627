using K8sQueue.Worker.Handlers;
using K8sQueue.Worker.Hosting;
using Microsoft.Extensions.Options;

namespace K8sQueue.Worker.Execution;

/// <summary>
/// Who may run of the jobs that the worker holds: its concurrency, where it holds more jobs than that; a handler's own; and one that all
/// CPU-bound handlers share. First come, first served.
/// </summary>
internal sealed class JobTurns(IOptions<WorkerOptions> options) : IDisposable
{
    // Without prefetching no more jobs are held than may run.
    private readonly SemaphoreSlim? _running = options.Value.Prefetch > 0 ? new(options.Value.Concurrency) : null;
    private readonly SemaphoreSlim _cpu = new(options.Value.MaxParallelCpu);

    /// <summary>Takes what a job of the handler needs, if it is free now. Null is a turn that nobody waits for.</summary>
    public bool TryTake(JobPipeline handler, out JobTurn? turn)
    {
        turn = null;
        if (_running is null && handler is { Limit: null, Options.CpuBound: false })
            return true;
        turn = new JobTurn();
        foreach (var limit in LimitsOf(handler))
        {
            if (limit.Wait(0))
            {
                turn.Add(limit);
                continue;
            }

            turn.Release();
            return false;
        }

        return true;
    }

    /// <summary>Waits for it. The worker's own limit comes last, so that who waits for a handler's holds up no other handler.</summary>
    public async Task<JobTurn> WaitAsync(JobPipeline handler, CancellationToken cancellationToken)
    {
        var turn = new JobTurn();
        try
        {
            foreach (var limit in LimitsOf(handler))
            {
                await limit.WaitAsync(cancellationToken).ConfigureAwait(false);
                turn.Add(limit);
            }

            return turn;
        }
        catch
        {
            turn.Release();
            throw;
        }
    }

    public void Dispose()
    {
        _running?.Dispose();
        _cpu.Dispose();
    }

    private IEnumerable<SemaphoreSlim> LimitsOf(JobPipeline handler)
    {
        if (handler.Limit is { } own)
            yield return own;
        if (handler.Options.CpuBound)
            yield return _cpu;
        if (_running is { } running)
            yield return running;
    }
}

/// <summary>What a job holds while it runs. Given back once.</summary>
internal sealed class JobTurn
{
    private readonly List<SemaphoreSlim> _limits = new(3);
    private int _released;

    public void Add(SemaphoreSlim limit) => _limits.Add(limit);

    public void Release()
    {
        if (Interlocked.Exchange(ref _released, 1) != 0)
            return;
        foreach (var limit in _limits)
            limit.Release();
    }
}
