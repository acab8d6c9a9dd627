namespace K8sQueue.Worker.Execution.Payloads;

/// <summary>Lets in as many bytes as there is room for, first come, first served. More than all the room is let in alone.</summary>
internal sealed class ByteGate(long capacity)
{
    private readonly Lock _lock = new();
    private readonly Queue<(long Bytes, TaskCompletionSource Admitted)> _waiting = new();
    private long _used;

    /// <summary>Waits for room. Dispose what it returns to give the room back.</summary>
    public async Task<IDisposable> EnterAsync(long bytes, CancellationToken cancellationToken)
    {
        var wanted = Math.Min(bytes, capacity);
        var admitted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_waiting.Count == 0 && _used + wanted <= capacity)
            {
                _used += wanted;
                return new Hold(this, wanted);
            }

            _waiting.Enqueue((wanted, admitted));
        }

        await using (cancellationToken.UnsafeRegister(
            static state => ((TaskCompletionSource)state!).TrySetCanceled(), admitted).ConfigureAwait(false))
        {
            try
            {
                await admitted.Task.ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // It may have been the first in line, and who comes behind it may fit.
                Admit();
                cancellationToken.ThrowIfCancellationRequested();
                throw;
            }
        }

        return new Hold(this, wanted);
    }

    private void Leave(long bytes)
    {
        lock (_lock)
            _used -= bytes;
        Admit();
    }

    private void Admit()
    {
        lock (_lock)
        {
            while (_waiting.TryPeek(out var first) && (first.Admitted.Task.IsCanceled || _used + first.Bytes <= capacity))
            {
                _waiting.Dequeue();
                if (first.Admitted.TrySetResult())
                    _used += first.Bytes;
            }
        }
    }

    private sealed class Hold(ByteGate gate, long bytes) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
                gate.Leave(bytes);
        }
    }
}
