using System.Collections.Concurrent;

namespace K8sQueue.Core.Redis.Resp;

/// <summary>
/// A socket for calls that do not wait for one another: their commands go out in turn, and the replies come back in that order.
/// Where one call fails, all fail, and the pipeline is of no use any more: nobody can tell what the server has read.
/// </summary>
internal sealed class RespPipeline : IDisposable
{
    private readonly RespConnection _connection;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentQueue<Call> _calls = new();
    private readonly CancellationTokenSource _end = new();
    private volatile Exception? _failure;
    private long _sent;

    public RespPipeline(RespConnection connection)
    {
        _connection = connection;
        _ = Task.Run(ReadAsync, CancellationToken.None);
    }

    public bool IsBroken => _failure is not null;

    /// <summary>
    /// Sends commands in one piece and waits for so many replies, any of which may be an error. They are handed to <paramref name="read"/> as
    /// they are, on the thread that reads. <paramref name="sending"/> is told the call's number right before its commands go out: the server
    /// runs those of a lower one first.
    /// </summary>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="OperationCanceledException">There was no answer in time.</exception>
    public async Task<T> CallAsync<T>(ReadOnlyMemory<byte> commands, int replies, RespRead<T> read, CancellationToken deadline, Action<long>? sending = null)
    {
        var call = new Call<T>(replies, read);
        try
        {
            await _writing.WaitAsync(deadline).ConfigureAwait(false);
            try
            {
                _calls.Enqueue(call);
                ThrowIfBroken();
                sending?.Invoke(++_sent);
                await _connection.WriteAsync(commands, deadline).ConfigureAwait(false);
            }
            finally
            {
                _writing.Release();
            }

            return await call.Result.WaitAsync(deadline).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Break(e);
            throw;
        }
    }

    public void Dispose() => Break(new IOException("The connection was closed."));

    // Reads also while no call is under way, so that the next one does not meet a connection that was closed meanwhile.
    private async Task ReadAsync()
    {
        Call? call = null;
        try
        {
            while (true)
            {
                await _connection.WaitForReplyAsync(_end.Token).ConfigureAwait(false);
                if (!_calls.TryDequeue(out call))
                    throw new InvalidDataException("The server answered what nobody had asked.");
                await call.ReadAsync(_connection, _end.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            Break(e);
            call?.Fail(e);
        }
    }

    private void ThrowIfBroken()
    {
        if (_failure is { } failure)
            throw new IOException($"The connection broke: {failure.Message}", failure);
    }

    private void Break(Exception failure)
    {
        _failure ??= failure;
        _end.Cancel();
        _connection.Dispose();
        while (_calls.TryDequeue(out var call))
            call.Fail(failure);
    }

    private abstract class Call
    {
        public abstract Task ReadAsync(RespConnection connection, CancellationToken cancellationToken);

        /// <summary>Nothing where it has its result.</summary>
        public abstract void Fail(Exception failure);
    }

    private sealed class Call<T>(int replies, RespRead<T> read) : Call
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Result => _completion.Task;

        public override async Task ReadAsync(RespConnection connection, CancellationToken cancellationToken) =>
            _completion.TrySetResult(await connection.ReadAsync(replies, read, cancellationToken).ConfigureAwait(false));

        public override void Fail(Exception failure) =>
            _completion.TrySetException(new IOException($"The connection broke: {failure.Message}", failure));
    }
}
