using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis.Resp;

namespace K8sQueue.Core.Redis.Producers;

/// <summary>
/// A producer's socket of its own, opened when it first enqueues. The caller's own thread writes to it, so that a single job waits for no
/// other thread, and a transaction of a thousand commands costs little more than its bytes. A worker has none.
/// </summary>
internal sealed class ProducerSocket(RedisServices services) : IDisposable
{
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private readonly ServerClock _clock = services.Clock;
    private Link? _link;
    private int _calls;
    private volatile bool _retired;

    /// <summary>
    /// Runs what one enqueue call sends, all of it over one connection; false where there is no socket any more. Where the call is a
    /// <paramref name="large"/> one, the server's time is known to it.
    /// </summary>
    /// <exception cref="JobQueueUnavailableException">The server can't be reached or does not answer in time.</exception>
    public async Task<bool> TryRunAsync(bool large, Func<ProducerCall, Task> run)
    {
        Interlocked.Increment(ref _calls);
        try
        {
            return !_retired && await RunAsync(large, run).ConfigureAwait(false);
        }
        finally
        {
            if (Interlocked.Decrement(ref _calls) == 0 && _retired)
                _link?.Pipeline.Dispose();
        }
    }

    /// <summary>Closes the socket for good, when the calls that are under way have ended.</summary>
    public void Retire()
    {
        _retired = true;
        if (Volatile.Read(ref _calls) == 0)
            _link?.Pipeline.Dispose();
    }

    public void Dispose()
    {
        _link?.Pipeline.Dispose();
        _connecting.Dispose();
    }

    private static bool IsOfConnection(Exception e) => e is IOException or SocketException or InvalidDataException or RespException
        or AuthenticationException or CryptographicException or UnauthorizedAccessException or ObjectDisposedException;

    private async Task<bool> RunAsync(bool large, Func<ProducerCall, Task> run)
    {
        using var deadline = new CancellationTokenSource(services.Options.OperationTimeout, services.Time);
        var began = services.Time.GetTimestamp();
        RespPipeline? asked = null; // until its server has answered
        try
        {
            var (pipeline, takesBulk, sync) = await ConnectAsync(deadline.Token).ConfigureAwait(false);
            if (_retired)
                return false;
            asked = pipeline;
            var now = _clock.Now;
            if (large && now is null)
                now = await AskTimeAsync(pipeline, deadline.Token).ConfigureAwait(false);
            var call = new ProducerCall(pipeline, takesBulk, _clock, now.GetValueOrDefault(), services.Connection.Address, deadline.Token);
            await run(call).ConfigureAwait(false);
            asked = null;
            if (sync is not null)
                await sync.WaitAsync(call.Last, began, deadline.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException e)
        {
            throw RedisErrors.Silent(services.Connection.Address, e);
        }
        catch (Exception e) when (IsOfConnection(e))
        {
            throw new JobQueueUnavailableException($"Redis at {services.Connection.Address} can't be reached: {e.Message}", e);
        }
        catch (JobQueueUnavailableException)
        {
            // It loads, follows or fails over: at the same address there may be one that does not.
            asked?.Dispose();
            throw;
        }
    }

    private async Task<long> AskTimeAsync(RespPipeline pipeline, CancellationToken deadline)
    {
        using var command = new RespBuffer(64);
        command.Command("TIME");
        return await pipeline.CallAsync(command.Written, 1, reply => _clock.Heard(ref reply), deadline).ConfigureAwait(false);
    }

    private async Task<Link> ConnectAsync(CancellationToken deadline)
    {
        if (Volatile.Read(ref _link) is { Pipeline.IsBroken: false } open)
            return open;
        await _connecting.WaitAsync(deadline).ConfigureAwait(false);
        try
        {
            if (_link is { Pipeline.IsBroken: false } made)
                return made;

            // Connecting is synchronous, each step with a bound.
            return _link = await Task.Run(Connect, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _connecting.Release();
        }
    }

    // The server at the other end may be another one than that of the other connections, so it is judged too.
    private Link Connect()
    {
        var timeout = services.Options.OperationTimeout;
        var connection = RespConnection.Connect(services.Endpoint, timeout);
        try
        {
            var info = RedisHealth.Parse(connection.Call(timeout, "INFO").Text);
            RedisHealth.Check(info, services.Connection.Address);
            var waits = services.Options.Durability == JobDurability.Fsync && DurabilityRules.Judge(
                services.Connection.Address, info, AppendFsync(connection, timeout), services.Options.FsyncReplicas) == FsyncWay.WaitAof;
            if (!connection.MayTransact(timeout))
                Retire();
            var takesBulk = connection.MayTurnRepliesOff(timeout);
            _clock.Heard(connection.Call(timeout, "TIME"));
            var pipeline = new RespPipeline(connection);
            return new Link(
                pipeline,
                takesBulk,
                waits ? new DiskSync(pipeline, services.Options.FsyncReplicas, timeout, services.Time, services.Connection.Address) : null);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static string? AppendFsync(RespConnection connection, TimeSpan timeout) =>
        connection.Call(timeout, "CONFIG", "GET", "appendfsync").Items is [_, var value] ? value.Text : null;

    private sealed record Link(RespPipeline Pipeline, bool TakesBulk, DiskSync? Sync);
}
