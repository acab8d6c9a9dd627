using K8sQueue.Kubernetes.Client;
using Microsoft.Extensions.Logging;

namespace K8sQueue.Kubernetes.LeaderElection;

/// <summary>Runs work in one process at a time, by a Lease (client-go, tools/leaderelection).</summary>
public sealed partial class LeaderElector
{
    /// <summary>Candidates wait up to this much longer than their period, so that they don't all come at once.</summary>
    internal const double JitterFactor = 1.2;

    private readonly LeaderElectionOptions _options;
    private readonly LeaseLock _lock;
    private readonly TimeProvider _time;
    private readonly ILogger<LeaderElector> _logger;
    private readonly LeaderElectionMetrics? _metrics;

    public LeaderElector(LeaderElectionOptions options, IKubernetesClient client, TimeProvider time, ILogger<LeaderElector> logger, LeaderElectionMetrics? metrics = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _time = time;
        _logger = logger;
        _metrics = metrics;
        _lock = new LeaseLock(client, options, time);
    }

    /// <summary>Whether this process holds the lease, as far as it knows.</summary>
    public bool IsLeader { get; private set; }

    /// <summary>
    /// Waits for the lease, runs the work while it is renewed, and releases it when the work has ended. The work's token is cancelled by
    /// <paramref name="stop"/>, and when the lease is lost.
    /// </summary>
    /// <exception cref="LeadershipLostException">The lease was lost, and <see cref="LeaderElectionOptions.OnLost"/> did not end the process.</exception>
    public async Task RunAsync(Func<CancellationToken, Task> work, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(work);
        _metrics?.Waits(_options.LeaseName);
        var renewedAt = await AcquireAsync(stop).ConfigureAwait(false);
        IsLeader = true;
        _metrics?.Leads(_options.LeaseName);
        Log.Acquired(_logger, _options.LeaseName, _options.Identity);
        using var leading = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var renewing = new CancellationTokenSource();
        var renewal = RenewAsync(renewedAt, renewing.Token);
        var running = work(leading.Token);
        try
        {
            // Renewals end only when the lease is lost.
            if (await Task.WhenAny(running, renewal).ConfigureAwait(false) == renewal)
                await OnLostAsync(leading, running).ConfigureAwait(false);
            await running.ConfigureAwait(false);
        }
        finally
        {
            await renewing.CancelAsync().ConfigureAwait(false);
            await renewal.ConfigureAwait(false);
            IsLeader = false;
            _metrics?.Ended(_options.LeaseName);
        }
    }

    private async Task OnLostAsync(CancellationTokenSource leading, Task running)
    {
        IsLeader = false;
        Log.Lost(_logger, _options.LeaseName, _lock.Holder);
        _options.OnLost();

        // Only where that left the process alive, as in tests.
        await leading.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        throw new LeadershipLostException($"The lease {_options.LeaseNamespace}/{_options.LeaseName} was lost.");
    }

    private async Task<long> AcquireAsync(CancellationToken stop)
    {
        string? reported = null;
        while (true)
        {
            var started = _time.GetTimestamp();
            if (await TryAsync(_options.RenewDeadline, stop).ConfigureAwait(false))
                return started;
            if (_lock.Holder is { } holder && holder != reported)
                Log.Waiting(_logger, _options.LeaseName, reported = holder);
            var delay = _options.CandidatePeriod * (1 + ((JitterFactor - 1) * Random.Shared.NextDouble()));
            await Task.Delay(delay, _time, stop).ConfigureAwait(false);
        }
    }

    // Returns when the lease is lost, or, with it released, when it is cancelled.
    private async Task RenewAsync(long renewedAt, CancellationToken end)
    {
        while (true)
        {
            try
            {
                await Task.Delay(_options.RetryPeriod, _time, end).ConfigureAwait(false);
                var started = _time.GetTimestamp();
                var left = _options.RenewDeadline - _time.GetElapsedTime(renewedAt);
                if (left <= TimeSpan.Zero)
                    return;

                // What counts is when the request was sent: others count from no later than its arrival.
                if (await TryAsync(left, end).ConfigureAwait(false))
                    renewedAt = started;
                else if ((_lock.Holder is not null && !_lock.IsHeld) || _time.GetElapsedTime(renewedAt) >= _options.RenewDeadline)
                    return;
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                await ReleaseAsync().ConfigureAwait(false);
                return;
            }
        }
    }

    private async Task<bool> TryAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(limit, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await _lock.TryAcquireOrRenewAsync(linked.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The election ends.", e, cancellationToken);
        }
        catch (Exception e)
        {
            Log.Failed(_logger, _options.LeaseName, e.Message);
            return false;
        }
    }

    private async Task ReleaseAsync()
    {
        using var timeout = new CancellationTokenSource(_options.RetryPeriod, _time);
        try
        {
            await _lock.ReleaseAsync(timeout.Token).ConfigureAwait(false);
            Log.Released(_logger, _options.LeaseName);
        }
        catch (Exception e) when (e is KubernetesApiException or OperationCanceledException)
        {
            // Then it runs out by itself.
            Log.ReleaseFailed(_logger, _options.LeaseName, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Leading: {Lease} is held as {Identity}.")]
        public static partial void Acquired(ILogger logger, string lease, string identity);

        [LoggerMessage(2, LogLevel.Information, "Not leading: {Lease} is held by {Holder}.")]
        public static partial void Waiting(ILogger logger, string lease, string holder);

        [LoggerMessage(3, LogLevel.Warning, "The lease {Lease} could not be taken or renewed: {Reason}")]
        public static partial void Failed(ILogger logger, string lease, string reason);

        [LoggerMessage(4, LogLevel.Critical, "The lease {Lease} is lost (last seen holder: {Holder}).")]
        public static partial void Lost(ILogger logger, string lease, string? holder);

        [LoggerMessage(5, LogLevel.Information, "The lease {Lease} is released.")]
        public static partial void Released(ILogger logger, string lease);

        [LoggerMessage(6, LogLevel.Warning, "The lease {Lease} could not be released, and runs out by itself: {Reason}")]
        public static partial void ReleaseFailed(ILogger logger, string lease, string reason);
    }
}
