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
    private readonly ServerClock _clock = new(services.Time);
    private RespPipeline? _pipeline;
    private FsyncWay? _fsync;
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
                _pipeline?.Dispose();
        }
    }

    /// <summary>Closes the socket for good, when the calls that are under way have ended.</summary>
    public void Retire()
    {
        _retired = true;
        if (Volatile.Read(ref _calls) == 0)
            _pipeline?.Dispose();
    }

    public void Dispose()
    {
        _pipeline?.Dispose();
        _connecting.Dispose();
    }

    private static bool IsOfConnection(Exception e) => e is IOException or SocketException or InvalidDataException or RespException
        or AuthenticationException or CryptographicException or UnauthorizedAccessException or ObjectDisposedException;

    private async Task<bool> RunAsync(bool large, Func<ProducerCall, Task> run)
    {
        using var deadline = new CancellationTokenSource(services.Options.OperationTimeout, services.Time);
        RespPipeline? pipeline = null;
        try
        {
            pipeline = await ConnectAsync(deadline.Token).ConfigureAwait(false);
            if (_retired)
                return false;
            var now = _clock.Now;
            if (large && now is null)
                now = await AskTimeAsync(pipeline, deadline.Token).ConfigureAwait(false);
            var address = services.Connection.Address;
            var call = new ProducerCall(this, pipeline, _clock, now.GetValueOrDefault(), address, deadline.Token);
            await run(call).ConfigureAwait(false);
            if (_fsync == FsyncWay.WaitAof)
                await call.SyncAsync(services.Options.FsyncReplicas, services.Options.OperationTimeout).ConfigureAwait(false);
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
            pipeline?.Dispose();
            throw;
        }
    }

    private async Task<long> AskTimeAsync(RespPipeline pipeline, CancellationToken deadline)
    {
        using var command = new RespBuffer(64);
        command.Command("TIME");
        return await pipeline.CallAsync(command.Written, 1, reply => _clock.Heard(ref reply), deadline).ConfigureAwait(false);
    }

    private async Task<RespPipeline> ConnectAsync(CancellationToken deadline)
    {
        if (Volatile.Read(ref _pipeline) is { IsBroken: false } open)
            return open;
        await _connecting.WaitAsync(deadline).ConfigureAwait(false);
        try
        {
            if (_pipeline is { IsBroken: false } made)
                return made;

            // Connecting is synchronous, each step with a bound.
            var connection = await Task.Run(Connect, CancellationToken.None).ConfigureAwait(false);
            return _pipeline = new RespPipeline(connection);
        }
        finally
        {
            _connecting.Release();
        }
    }

    // The server at the other end may be another one than that of the other connections, so it is judged too.
    private RespConnection Connect()
    {
        var timeout = services.Options.OperationTimeout;
        var connection = RespConnection.Connect(services.Endpoint, timeout);
        try
        {
            var info = RedisHealth.Parse(connection.Call(timeout, "INFO").Text);
            RedisHealth.Check(info, services.Connection.Address);
            _fsync = services.Options.Durability == JobDurability.Fsync
                ? DurabilityRules.Judge(services.Connection.Address, info, AppendFsync(connection, timeout), services.Options.FsyncReplicas)
                : null;
            if (!connection.MayTransact(timeout))
                Retire();
            _clock.Heard(connection.Call(timeout, "TIME"));
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static string? AppendFsync(RespConnection connection, TimeSpan timeout) =>
        connection.Call(timeout, "CONFIG", "GET", "appendfsync").Items is [_, var value] ? value.Text : null;
}
