using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.LeaderElection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace K8sQueue.Kubernetes.Controllers;

/// <summary>
/// Fills the caches at once, runs the controllers when this process leads (or at once, where there is no election), and ends in that order:
/// controllers, lease, caches. A cache that does not fill in time, or a lost lease, ends the process: half an operator is worse than none. A namespace
/// that refuses to be listed, of several, is left alone, so that it is not in the others' way.
/// </summary>
internal sealed partial class OperatorHost : BackgroundService
{
    private readonly IReadOnlyList<IResourceInformer> _informers;
    private readonly IServiceProvider _services;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly OperatorStatus _status;
    private readonly OperatorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<OperatorHost> _logger;

    public OperatorHost(
        IEnumerable<IResourceInformer> informers,
        IServiceProvider services,
        IHostApplicationLifetime lifetime,
        OperatorStatus status,
        IOptions<OperatorOptions> options,
        TimeProvider time,
        ILogger<OperatorHost> logger)
    {
        _informers = [.. informers];
        _services = services;
        _lifetime = lifetime;
        _status = status;
        _options = options.Value;
        _time = time;
        _logger = logger;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // From the signal on, not only once the services that are stopped before this one have ended: a request that hangs there would
        // keep the lease from the one that waits for it.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, _lifetime.ApplicationStopping);
        using var caches = new CancellationTokenSource();
        var filling = Task.WhenAll(_informers.Select(i => i.RunAsync(caches.Token)));
        try
        {
            var work = _options.LeaderElection is { } election
                ? ActivatorUtilities.CreateInstance<LeaderElector>(_services, election).RunAsync(work => RunControllersAsync(work, stop.Token), stop.Token)
                : RunControllersAsync(stop.Token, stop.Token);
            await work.ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            Log.Ended(_logger, e);
            Environment.ExitCode = 1;
            throw;
        }
        finally
        {
            await caches.CancelAsync().ConfigureAwait(false);
            await filling.ConfigureAwait(false);
        }
    }

    /// <param name="stop">Ends the work; in an orderly stop that is the same as the next.</param>
    /// <param name="orderly">Somebody asked the process to stop. Without it the lease is lost, and another may act already.</param>
    private async Task RunControllersAsync(CancellationToken stop, CancellationToken orderly)
    {
        await WaitForSyncAsync(stop).ConfigureAwait(false);
        (_status.Stopping, _status.IsLeading) = (stop, true);
        Log.Started(_logger);
        using var abort = new CancellationTokenSource();
        await using var registration = stop.UnsafeRegister(
            _ => abort.CancelAfter(orderly.IsCancellationRequested ? _options.GracefulStopTimeout : TimeSpan.Zero), null);
        try
        {
            var runners = _services.GetServices<IControllerRunner>();
            await Task.WhenAll(runners.Select(r => r.RunAsync(stop, abort.Token))).ConfigureAwait(false);
        }
        finally
        {
            _status.IsLeading = false;
        }
    }

    private async Task WaitForSyncAsync(CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(_options.CacheSyncTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop);
        try
        {
            await Task.WhenAll(_informers.Select(i => i.WaitForSyncAsync(linked.Token))).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"Caches not filled within {_options.CacheSyncTimeout.TotalSeconds:0} s: {string.Join(", ", _status.Unsynced)}. "
                + "Are the CRDs installed, and may the service account list and watch them?",
                e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The caches are filled; the controllers run.")]
        public static partial void Started(ILogger logger);

        [LoggerMessage(2, LogLevel.Critical, "The operator ends.")]
        public static partial void Ended(ILogger logger, Exception exception);
    }
}
