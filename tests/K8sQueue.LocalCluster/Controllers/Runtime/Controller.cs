using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Controllers.Runtime;

/// <summary>
/// A level-triggered loop: changes of the watched resources become keys, and one key at a time is reconciled from what the API says now.
/// A failure is tried again after a delay that doubles.
/// </summary>
internal abstract partial class Controller(IClusterApi api, TimeProvider time, ILogger logger) : BackgroundService
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WatchRetry = TimeSpan.FromSeconds(1);

    private readonly ReconcileQueue _queue = new(time);
    private readonly Dictionary<ObjectKey, int> _failures = [];

    protected IClusterApi Api { get; } = api;

    protected TimeProvider Time { get; } = time;

    /// <summary>What is watched, and which keys a change of it concerns.</summary>
    protected abstract IEnumerable<(GroupResource Resource, Func<ClusterEvent, IEnumerable<ObjectKey>> Keys)> Sources { get; }

    /// <summary>Brings one object to where it should be; a delay asks to come again.</summary>
    protected abstract TimeSpan? Reconcile(ObjectKey key);

    public override void Dispose()
    {
        _queue.Dispose();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var watches = Sources.Select(s => WatchAsync(s.Resource, s.Keys, stoppingToken)).ToList();
        try
        {
            while (true)
                ReconcileOnce(await _queue.TakeAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAll(watches).ConfigureAwait(false);
        }
    }

    /// <summary>The key of the object itself.</summary>
    protected static IEnumerable<ObjectKey> Self(ClusterEvent change) => [change.Object.Key()];

    /// <summary>The key of its controller, where that is of the kind.</summary>
    protected static IEnumerable<ObjectKey> ControllerOf(JsonObject value, string kind) =>
        value.ControllerReference() is { } owner && owner.TextAt("kind") == kind
            ? [new ObjectKey(value.Namespace(), owner.TextAt("name") ?? "")]
            : [];

    private void ReconcileOnce(ObjectKey key)
    {
        TimeSpan? again;
        try
        {
            again = Reconcile(key);
            _failures.Remove(key);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            var count = _failures[key] = _failures.GetValueOrDefault(key) + 1;
            again = TimeSpan.FromTicks(Math.Min(LastRetry.Ticks, FirstRetry.Ticks << Math.Min(count - 1, 20)));
            Log.ReconcileFailed(logger, GetType().Name, key, again.Value.TotalSeconds, e);
        }

        if (again is { } delay)
            _queue.AddAfter(key, delay);
    }

    private async Task WatchAsync(
        GroupResource resource, Func<ClusterEvent, IEnumerable<ObjectKey>> keys, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var change in Api.WatchAsync(resource, stoppingToken).ConfigureAwait(false))
                {
                    foreach (var key in keys(change))
                        _queue.Add(key);
                }

                await Task.Delay(WatchRetry, Time, stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (ClusterApiException)
            {
                // The resource is not installed (yet): its CRD may come later.
                await Task.Delay(WatchRetry, Time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Controller} could not reconcile {Key}; again in {Seconds} s.")]
        public static partial void ReconcileFailed(ILogger logger, string controller, ObjectKey key, double seconds, Exception exception);
    }
}
