using System.Runtime.ExceptionServices;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Client.Http;

/// <summary>
/// A source of jobs that is read by one request after the other. None of these waits longer for jobs, all its waits together, than it may: the API cuts a request
/// that says little for seconds, however steadily.
/// </summary>
internal sealed class JobSource : IAsyncDisposable
{
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ending;
    private readonly IAsyncEnumerator<JobRequest> _jobs;
    private readonly Lock _gate = new();
    private Task<bool>? _move;
    private TimeSpan _left;
    private bool _hasEnded;
    private Exception? _failure;

    /// <param name="patience">How long a request may wait in all.</param>
    /// <param name="cancellationToken">Ends the source, as its disposal does.</param>
    public JobSource(IAsyncEnumerable<JobRequest> jobs, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        (_patience, _time) = (patience, time);
        _ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _jobs = jobs.GetAsyncEnumerator(_ending.Token);
    }

    /// <summary>Waits for a first job, as long as it takes; false where there is none any more.</summary>
    public async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        ThrowIfFailed();
        return await Move().WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A request begins: it may wait as long as any.</summary>
    public void Begin() => _left = _patience;

    /// <summary>Whether the next job need not be waited for.</summary>
    public bool IsHere => Move().IsCompleted;

    /// <summary>The next job; null where there is none any more, the request has waited as long as it may, or the source failed.</summary>
    public async ValueTask<JobRequest?> TakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var move = Move();
            if (_left <= TimeSpan.Zero || !await ComesAsync(move, cancellationToken).ConfigureAwait(false) || !await move.ConfigureAwait(false))
                return null;
            var job = _jobs.Current;
            _move = null;
            return job;
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
        // A request whose connection broke may still read.
        Task? move;
        lock (_gate)
            (_hasEnded, move) = (true, _move);
        await _ending.CancelAsync().ConfigureAwait(false);

        // An enumerator must not be disposed while it moves. What it throws when it is told to stop must not hide why it was.
        if (move is not null)
            await move.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _jobs.DisposeAsync().ConfigureAwait(false);
        _ending.Dispose();
    }

    private async ValueTask<bool> ComesAsync(Task move, CancellationToken cancellationToken)
    {
        if (move.IsCompleted)
            return true;
        var started = _time.GetTimestamp();
        await move.WaitAsync(_left, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _left -= _time.GetElapsedTime(started);
        cancellationToken.ThrowIfCancellationRequested();
        return move.IsCompleted;
    }

    private Task<bool> Move()
    {
        lock (_gate)
        {
            if (_move is not null)
                return _move;

            // A source that blocks is waited for as well.
            var started = _time.GetTimestamp();
            _move = _hasEnded ? Task.FromResult(false) : _jobs.MoveNextAsync().AsTask();
            _left -= _time.GetElapsedTime(started);
            return _move;
        }
    }
}
