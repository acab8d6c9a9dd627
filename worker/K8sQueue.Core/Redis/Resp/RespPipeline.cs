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

    public RespPipeline(RespConnection connection)
    {
        _connection = connection;
        _ = Task.Run(ReadAsync, CancellationToken.None);
    }

    public bool IsBroken => _failure is not null;

    /// <summary>Sends commands in one piece and waits for so many replies, any of which may be an error.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="OperationCanceledException">There was no answer in time.</exception>
    public async Task<RespValue[]> CallAsync(ReadOnlyMemory<byte> commands, int replies, CancellationToken deadline)
    {
        var call = new Call(replies);
        try
        {
            await _writing.WaitAsync(deadline).ConfigureAwait(false);
            try
            {
                _calls.Enqueue(call);
                ThrowIfBroken();
                await _connection.WriteAsync(commands, deadline).ConfigureAwait(false);
            }
            finally
            {
                _writing.Release();
            }

            return await call.Replies.WaitAsync(deadline).ConfigureAwait(false);
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
                var reply = await _connection.ReadAsync(_end.Token).ConfigureAwait(false);
                if (call is null && !_calls.TryDequeue(out call))
                    throw new InvalidDataException("The server answered what nobody had asked.");
                if (call.Add(reply))
                    call = null;
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

    private sealed class Call(int count)
    {
        private readonly TaskCompletionSource<RespValue[]> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly RespValue[] _replies = new RespValue[count];
        private int _received;

        public Task<RespValue[]> Replies => _completion.Task;

        /// <summary>Takes the next reply; whether it was the last.</summary>
        public bool Add(RespValue reply)
        {
            _replies[_received++] = reply;
            return _received == count && _completion.TrySetResult(_replies);
        }

        public void Fail(Exception failure) =>
            _completion.TrySetException(new IOException($"The connection broke: {failure.Message}", failure));
    }
}
