using System.Globalization;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis.Resp;

namespace K8sQueue.Core.Redis.Producers;

/// <summary>
/// Waits until the server has on its disk what a connection sent. The server reads nothing more of a connection while WAITAOF waits there, so one is under
/// way at a time, for every call that was sent before it; the others share the next one.
/// </summary>
internal sealed class DiskSync(RespPipeline pipeline, int replicas, TimeSpan timeout, TimeProvider time, string address)
{
    private static readonly TimeSpan LeastTimeout = TimeSpan.FromMilliseconds(1); // 0 is for ever

    private static readonly Task<bool> Enough = Task.FromResult(true);

    private readonly Lock _lock = new();
    private Task<bool> _current = Enough;
    private Task<bool>? _next;
    private long _currentNumber; // by the pipeline
    private long _onDisk; // all of a lower number is
    private long _earliest; // when the first call began that waits for the next one

    /// <summary>Waits until all that was sent up to a number is on the disk.</summary>
    /// <param name="number">The pipeline's.</param>
    /// <param name="began">When the time-out began, by <see cref="TimeProvider.GetTimestamp"/>.</param>
    /// <param name="deadline">When the time is over.</param>
    /// <exception cref="JobQueueUnavailableException">It is not in time; the jobs may be there or not.</exception>
    public async Task WaitAsync(long number, long began, CancellationToken deadline)
    {
        try
        {
            // One that ended without enough was cut short by a call that had less time.
            while (!await Join(number, began).WaitAsync(deadline).ConfigureAwait(false))
                deadline.ThrowIfCancellationRequested();
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested)
        {
            throw new JobQueueUnavailableException(
                $"Redis at {address} did not have the jobs on {(replicas > 0 ? $"its disk and those of {replicas} replicas" : "its disk")} in time.", e);
        }
    }

    private Task<bool> Join(long number, long began)
    {
        lock (_lock)
        {
            if (number < _onDisk)
                return Enough;
            if (number < _currentNumber && !_current.IsCompleted)
                return _current;
            _earliest = _next is null ? began : Math.Min(_earliest, began);
            return _next ??= AskAsync(_current);
        }
    }

    private async Task<bool> AskAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        var left = Left();
        using var command = new RespBuffer(64);
        command.Command(
            "WAITAOF", "1", replicas.ToString(CultureInfo.InvariantCulture), ((long)left.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));

        // It answers when its time is over, so that the connection goes on; where it does not, that is broken.
        using var bound = new CancellationTokenSource(left + timeout, time);
        var (error, isEnough) = await pipeline.CallAsync(command.Written, 1, Read, bound.Token, Sending).ConfigureAwait(false);
        if (error is not null)
            throw RedisErrors.FromServer(error, address);
        if (isEnough)
            Synced();
        return isEnough;
    }

    private void Synced()
    {
        lock (_lock)
            _onDisk = _currentNumber;
    }

    private TimeSpan Left()
    {
        lock (_lock)
        {
            var left = timeout - time.GetElapsedTime(_earliest);
            return left > LeastTimeout ? left : LeastTimeout;
        }
    }

    // Whoever joins from now on may have sent something behind it.
    private void Sending(long number)
    {
        lock (_lock)
            (_current, _currentNumber, _next) = (_next!, number, null);
    }

    private (string? Error, bool IsEnough) Read(RespReader reply)
    {
        if (reply.TryReadError(out var error))
            return (error, false);
        _ = reply.ReadArray();
        var local = reply.ReadInteger();
        return (null, DurabilityRules.IsEnough(local, reply.ReadInteger(), replicas));
    }
}
