using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis.Resp;

namespace K8sQueue.Core.Redis.Consumers;

/// <summary>What a blocking read brought.</summary>
/// <param name="Delivered">The queues of which entries were delivered to the consumer's waiting name.</param>
/// <param name="Followed">The server's answer to the command that was sent behind the read; null where there was none.</param>
/// <param name="NoGroup">Whether a group is missing, so that nothing was waited for.</param>
internal readonly record struct BlockingReply(IReadOnlyList<QueueHandle> Delivered, RespValue? Followed = null, bool NoGroup = false);

/// <summary>
/// Reads on a socket of its own: many entries of one lane, or the next entry of any lane, for which it waits. What it waited for
/// belongs to <c>&lt;consumer&gt;~</c> and is no start yet: the fetch script makes it one, or puts it back.
/// </summary>
internal sealed class BlockingReader(RedisServices services, string consumer) : IDisposable
{
    private const int SilentCalls = 3;

    private static readonly TimeSpan UnblockInterval = TimeSpan.FromMilliseconds(50);
    private static readonly Task Never = new TaskCompletionSource().Task;

    private readonly string _consumer = consumer;
    private readonly string _name = consumer + "~";
    private RespConnection? _connection;
    private string _clientId = "";
    private bool _mayTransact;

    /// <summary>
    /// Waits for an entry; none where the time is over or <paramref name="stop"/> completes first. The server runs
    /// <paramref name="follow"/> right behind the read, so that what it does with the entry costs no round trip more.
    /// </summary>
    /// <exception cref="JobQueueUnavailableException">The server can't be reached or does not answer in time.</exception>
    public async Task<BlockingReply> ReadAsync(IReadOnlyList<QueueHandle> queues, TimeSpan wait, Task stop, object[]? follow = null)
    {
        using var deadline = new CancellationTokenSource(wait + services.Options.OperationTimeout, services.Time);
        try
        {
            if (_connection is null && !await TryConnectAsync(stop, deadline.Token).ConfigureAwait(false))
                return new BlockingReply([]);
            var reply = _connection!.CallAsync(follow is null ? [Command(queues, wait)] : [Command(queues, wait), follow], deadline.Token);
            await Task.WhenAny(reply, stop).ConfigureAwait(false);
            if (!reply.IsCompleted && !await TryUnblockAsync(reply, deadline).ConfigureAwait(false))
            {
                Dispose(); // which ends the wait as well
                return new BlockingReply([]);
            }

            var replies = await reply.ConfigureAwait(false);
            var missing = replies[0].Error is { } error && RedisErrors.IsNoGroup(error);
            return new BlockingReply(Delivered(queues, replies[0]), follow is null ? null : replies[1], missing);
        }
        catch (Exception e) when (IsOfConnection(e))
        {
            Dispose();
            throw new JobQueueUnavailableException($"Redis at {services.Connection.Address} broke off a blocking read: {e.Message}", e);
        }
        catch
        {
            // The server refuses; at the same address there may be one that does not.
            Dispose();
            throw;
        }
    }

    /// <summary>Reads a lane as <see cref="DirectRead"/> says. A server that stays silent is given up after a while.</summary>
    /// <exception cref="JobQueueUnavailableException">The server can't be reached or does not answer in time.</exception>
    public async Task<FetchReply> ReadAsync(QueueHandle queue, Lane lane, int wanted, Lane first)
    {
        using var deadline = new CancellationTokenSource(SilentCalls * services.Options.OperationTimeout, services.Time);
        try
        {
            if (_connection is null)
                await TryConnectAsync(Never, deadline.Token).ConfigureAwait(false);
            if (!_mayTransact)
                return new FetchReply(FetchState.Refused, []);
            using var command = DirectRead.Write(queue, lane, _consumer, wanted, first);
            return await _connection!.CallAsync(
                command.Written, DirectRead.Replies, replies => DirectRead.Read(queue.Name, lane, replies), deadline.Token).ConfigureAwait(false);
        }
        catch (RespException e)
        {
            var refusal = RedisErrors.FromServer(e.Message, services.Connection.Address, e);
            if (refusal is JobQueueUnavailableException)
                Dispose(); // at the same address there may be one that serves
            throw refusal;
        }
        catch (Exception e) when (IsOfConnection(e))
        {
            Dispose();
            throw new JobQueueUnavailableException($"Redis at {services.Connection.Address} broke off a read: {e.Message}", e);
        }
    }

    public void Dispose()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private static bool IsOfConnection(Exception e) => e is IOException or SocketException or InvalidDataException or RespException
        or OperationCanceledException or AuthenticationException or CryptographicException or UnauthorizedAccessException;

    // False where stop completes first. Connecting is synchronous, each step with a bound; one that is given up ends by itself.
    private async Task<bool> TryConnectAsync(Task stop, CancellationToken deadline)
    {
        var connecting = Task.Run(Connect, CancellationToken.None);
        try
        {
            await Task.WhenAny(connecting, stop).WaitAsync(deadline).ConfigureAwait(false);
            if (!connecting.IsCompleted)
                return false;
            (_connection, _clientId, _mayTransact) = await connecting.ConfigureAwait(false);
            return true;
        }
        catch (RespException e)
        {
            // Another password for now, above all: it is read again with each connection.
            throw new JobQueueUnavailableException($"Redis at {services.Connection.Address} refused a connection: {e.Message}", e);
        }
        finally
        {
            if (_connection is null)
                _ = AbandonAsync(connecting);
        }
    }

    private (RespConnection Connection, string ClientId, bool MayTransact) Connect()
    {
        var connection = RespConnection.Connect(services.Endpoint, services.Options.OperationTimeout);
        try
        {
            var id = connection.Call(services.Options.OperationTimeout, "CLIENT", "ID");
            var mayTransact = connection.MayTransact(services.Options.OperationTimeout);
            return (connection, id.Integer.ToString(CultureInfo.InvariantCulture), mayTransact);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static async Task AbandonAsync(Task<(RespConnection Connection, string ClientId, bool MayTransact)> connecting)
    {
        await ((Task)connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (connecting.IsCompletedSuccessfully)
            (await connecting.ConfigureAwait(false)).Connection.Dispose();
    }

    // Until the reply comes: the server may not have begun to wait when it is told to end the wait. False where it can't be told.
    private async Task<bool> TryUnblockAsync(Task reply, CancellationTokenSource deadline)
    {
        deadline.CancelAfter(services.Options.OperationTimeout);
        while (!reply.IsCompleted)
        {
            try
            {
                await services.Connection.ExecuteAsync("CLIENT", "UNBLOCK", _clientId).ConfigureAwait(false);
            }
            catch (Exception e) when (RedisErrors.IsOfQueue(e))
            {
                await deadline.CancelAsync().ConfigureAwait(false);
            }

            await Task.WhenAny(reply, Task.Delay(UnblockInterval, services.Time, CancellationToken.None)).ConfigureAwait(false);
        }

        return reply.IsCompletedSuccessfully;
    }

    private object[] Command(IReadOnlyList<QueueHandle> queues, TimeSpan wait)
    {
        var lanes = queues.SelectMany(q => q.Names.Lanes).ToArray();
        var milliseconds = Math.Max(1, (long)wait.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        return
        [
            "XREADGROUP", "GROUP", RedisKeys.Group, _name, "COUNT", "1", "BLOCK", milliseconds, "STREAMS",
            .. lanes, .. Enumerable.Repeat(">", lanes.Length),
        ];
    }

    // Where entries stand in several lanes already, each lane gives one.
    private List<QueueHandle> Delivered(IReadOnlyList<QueueHandle> queues, RespValue reply)
    {
        if (reply.Error is { } error)
        {
            // The groups or streams went away; the fetch script finds out and they are made again.
            if (RedisErrors.IsNoGroup(error) || error.StartsWith("UNBLOCKED", StringComparison.Ordinal))
                return [];
            throw RedisErrors.FromServer(error, services.Connection.Address);
        }

        var keys = (reply.Items ?? []).Select(stream => stream.Items![0].Text).ToHashSet(StringComparer.Ordinal);
        return [.. queues.Where(queue => queue.Names.Lanes.Any(keys.Contains))];
    }
}
