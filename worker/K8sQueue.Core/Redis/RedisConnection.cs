using K8sQueue.Core.Queues;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis;

/// <summary>
/// The connection for commands that answer at once. The driver's asynchronous calls never time out, so each call here has a
/// deadline, and a connection that stays silent over several of them is made anew, and so is a driver that finds no connection for
/// as long as a call may take: one whose connection was reset in a bad moment never connects again.
/// </summary>
internal sealed partial class RedisConnection : IAsyncDisposable
{
    private const int SilentCalls = 3;

    private readonly RedisEndpoint _endpoint;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private Session? _session;
    private int _generation;
    private string? _password;
    private bool _disposed;

    public RedisConnection(RedisEndpoint endpoint, TimeSpan timeout, TimeProvider time, ILogger logger)
    {
        _endpoint = endpoint;
        _timeout = timeout;
        _time = time;
        _logger = logger;
    }

    /// <summary><c>host:port</c>, for messages.</summary>
    public string Address => $"{_endpoint.Address.Host}:{_endpoint.Address.Port}";

    /// <summary>Changes whenever the server on the other end may be another one, or one that lost its data.</summary>
    public int Generation => Volatile.Read(ref _generation);

    /// <summary>Runs a script within the deadline.</summary>
    /// <exception cref="JobQueueUnavailableException">The server can't be reached or does not answer in time.</exception>
    public Task<RedisResult> EvaluateAsync(RedisScript script, RedisKey[] keys, RedisValue[] arguments) =>
        WithDeadlineAsync(Start(script, keys, arguments, static reply => reply));

    /// <summary>Runs a command within the deadline.</summary>
    /// <exception cref="JobQueueUnavailableException">The server can't be reached or does not answer in time.</exception>
    public Task<RedisResult> ExecuteAsync(string command, params object[] arguments) =>
        WithDeadlineAsync(new RedisCall<RedisResult>(
            call => OnDatabaseAsync(call, database => database.ExecuteAsync(command, arguments))));

    /// <summary>
    /// Starts a script without a deadline, for a caller that must not lose the reply; it waits with
    /// <see cref="WithDeadlineAsync"/>, and may do so again after that threw.
    /// </summary>
    public RedisCall<T> Start<T>(RedisScript script, RedisKey[] keys, RedisValue[] arguments, Func<RedisResult, T> read) =>
        new(async call => read(await EvaluateAsync(call, script, keys, arguments).ConfigureAwait(false)));

    /// <summary>Awaits a call within the deadline and translates its failure.</summary>
    public async Task<T> WithDeadlineAsync<T>(RedisCall<T> call)
    {
        try
        {
            var result = await call.Reply.WaitAsync(_timeout, _time).ConfigureAwait(false);
            call.Session?.Answered();
            return result;
        }
        catch (TimeoutException e)
        {
            Forget(call.Reply);
            CloseIfSilent(call.Session);
            throw RedisErrors.Silent(Address, e);
        }
        catch (Exception e) when (RedisErrors.IsOfRedis(e))
        {
            // The driver would keep the connection, and the address may lead to the new primary by now.
            if (RedisErrors.IsDemoted(e))
                Close(call.Session);
            else if (e is RedisServerException)
                call.Session?.Answered();
            else
                CloseIfLost(call.Session);
            throw RedisErrors.Translate(e, Address);
        }
    }

    /// <summary>The server does not serve, and there may be one that does at the same address: the next call connects anew.</summary>
    public void GiveUp() => Close(Volatile.Read(ref _session));

    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        _disposed = true;
        Close(Volatile.Read(ref _session));
        _gate.Release();
    }

    // A call that is given up may fail later; nobody wants to hear of it then.
    private static void Forget(Task call) =>
        _ = call.ContinueWith(
            t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private async Task<RedisResult> EvaluateAsync(RedisCall call, RedisScript script, RedisKey[] keys, RedisValue[] arguments)
    {
        try
        {
            return await OnDatabaseAsync(call, d => d.ScriptEvaluateAsync(script.Text, keys, arguments)).ConfigureAwait(false);
        }
        catch (RedisServerException e) when (RedisErrors.IsNoScript(e))
        {
            // The server was restarted and knows no scripts: this one did not run. The driver loads it now.
            return await OnDatabaseAsync(call, d => d.ScriptEvaluateAsync(script.Text, keys, arguments)).ConfigureAwait(false);
        }
    }

    private async Task<RedisResult> OnDatabaseAsync(RedisCall call, Func<IDatabase, Task<RedisResult>> run)
    {
        var session = call.Session = Volatile.Read(ref _session) ?? await ConnectAsync().ConfigureAwait(false);

        // The driver completes its calls one after the other on one thread: what follows must not run there.
        return await run(session.Multiplexer.GetDatabase()).ContinueWith(
            t => t, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Unwrap().ConfigureAwait(false);
    }

    private async Task<Session> ConnectAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (Volatile.Read(ref _session) is { } made)
                return made;
            var session = new Session(await ConnectionMultiplexer.ConnectAsync(Configure()).ConfigureAwait(false));
            session.Multiplexer.ConnectionFailed += (_, e) => OnConnectionFailed(session, e);
            session.Multiplexer.ConnectionRestored += (_, _) => Interlocked.Increment(ref _generation);
            Interlocked.Increment(ref _generation);
            Volatile.Write(ref _session, session);
            return session;
        }
        finally
        {
            _gate.Release();
        }
    }

    private ConfigurationOptions Configure()
    {
        _password = _endpoint.ReadPassword();
        var options = new ConfigurationOptions
        {
            AbortOnConnectFail = false,
            ClientName = _endpoint.ClientName,
            CommandMap = CommandMap.Create(["SUBSCRIBE"], available: false), // saves the second socket
            ConfigurationChannel = "",
            TieBreaker = "",
            ConnectTimeout = (int)_timeout.TotalMilliseconds,
            SyncTimeout = (int)_timeout.TotalMilliseconds,
            DefaultDatabase = _endpoint.Database,
            KeepAlive = 10,
            Password = _password,
            Ssl = _endpoint.Tls is not null,
            SslHost = _endpoint.Tls?.TargetHost,
        };
        options.EndPoints.Add(_endpoint.Address.Host, _endpoint.Address.Port);
        options.CertificateValidation += _endpoint.Verify;
        return options;
    }

    private void OnConnectionFailed(Session session, ConnectionFailedEventArgs failure)
    {
        Interlocked.Increment(ref _generation);
        Log.ConnectionFailed(_logger, Address, failure.FailureType.ToString(), failure.Exception?.Message);

        // The driver keeps the password that it was given; a rotated one needs a new driver.
        if (PasswordChanged())
            Close(session);
    }

    private bool PasswordChanged()
    {
        try
        {
            return _endpoint.ReadPassword() != _password;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.PasswordUnreadable(_logger, e.Message);
            return false;
        }
    }

    // A call that still waited for a connection says nothing of one. It takes no gate: a deadline is over already.
    private void CloseIfSilent(Session? session)
    {
        if (session is not null && Interlocked.Increment(ref session.SilentCalls) >= SilentCalls && Close(session))
            Log.Silent(_logger, Address, SilentCalls);
    }

    private void CloseIfLost(Session? session)
    {
        if (session is not null && session.LostFor(_time) > _timeout && Close(session))
            Log.Lost(_logger, Address, _timeout);
    }

    // Only the one that is meant: there may be a new one by now.
    private bool Close(Session? session)
    {
        if (session is null || Interlocked.CompareExchange(ref _session, null, session) != session)
            return false;
        Interlocked.Increment(ref _generation);

        // Closing waits for the socket's threads, and this may be one of them.
        ThreadPool.QueueUserWorkItem(
            static m => m.Close(allowCommandsToComplete: false), session.Multiplexer, preferLocal: false);
        return true;
    }

    /// <summary>One driver, until it is given up.</summary>
    internal sealed class Session(ConnectionMultiplexer multiplexer)
    {
        public int SilentCalls;
        private long _lostSince;

        public ConnectionMultiplexer Multiplexer => multiplexer;

        public void Answered()
        {
            Volatile.Write(ref SilentCalls, 0);
            Volatile.Write(ref _lostSince, 0);
        }

        /// <summary>How long no call has found a connection, the one that has just found none included.</summary>
        public TimeSpan LostFor(TimeProvider time)
        {
            var now = time.GetTimestamp();
            var since = Interlocked.CompareExchange(ref _lostSince, now, 0);
            return since == 0 ? TimeSpan.Zero : time.GetElapsedTime(since, now);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(100, LogLevel.Warning, "The connection to Redis at {Address} failed ({Failure}): {Error}")]
        public static partial void ConnectionFailed(ILogger logger, string address, string failure, string? error);

        [LoggerMessage(101, LogLevel.Warning, "Redis at {Address} did not answer {Calls} calls in a row; connecting anew")]
        public static partial void Silent(ILogger logger, string address, int calls);

        [LoggerMessage(103, LogLevel.Warning, "Redis at {Address} could not be reached for {Span}; connecting anew")]
        public static partial void Lost(ILogger logger, string address, TimeSpan span);

        [LoggerMessage(102, LogLevel.Warning, "The password file can't be read: {Error}")]
        public static partial void PasswordUnreadable(ILogger logger, string error);
    }
}
