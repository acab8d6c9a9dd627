using System.Runtime.ExceptionServices;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Client.Http;

/// <summary>A source of jobs that is read by one request after the other, none of which waits longer for the next job than it may.</summary>
internal sealed class JobSource(IAsyncEnumerator<JobRequest> jobs, TimeSpan patience, TimeProvider time) : IAsyncDisposable
{
    private Task<bool>? _move;
    private Exception? _failure;

    /// <summary>Waits for a first job, as long as it takes; false where there is none any more.</summary>
    public async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        ThrowIfFailed();
        return await Move().WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether the next job need not be waited for.</summary>
    public bool IsHere => Move().IsCompleted;

    /// <summary>The next job; null where there is none any more, none came in time, or the source failed.</summary>
    public async ValueTask<JobRequest?> TakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var move = Move();
            if (!(move.IsCompleted ? await move.ConfigureAwait(false) : await move.WaitAsync(patience, time, cancellationToken).ConfigureAwait(false)))
                return null;
            var job = jobs.Current;
            _move = null;
            return job;
        }
        catch (TimeoutException) when (_move is { IsFaulted: false })
        {
            return null;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Fail(e);
            return null;
        }
    }

    /// <summary>The source is not to be read any more, and why.</summary>
    public void Fail(Exception failure) => _failure ??= failure;

    /// <summary>Throws what the source has thrown.</summary>
    public void ThrowIfFailed()
    {
        if (_failure is not null)
            ExceptionDispatchInfo.Throw(_failure);
    }

    public async ValueTask DisposeAsync()
    {
        // An enumerator must not be disposed while it moves.
        if (_move is { } move)
            await move.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).ConfigureAwait(false);
        await jobs.DisposeAsync().ConfigureAwait(false);
    }

    private Task<bool> Move() => _move ??= jobs.MoveNextAsync().AsTask();
}
