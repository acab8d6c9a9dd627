using System.Net;
using System.Net.Sockets;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using Microsoft.Extensions.Logging;

namespace K8sQueue.Kubernetes.Informers;

/// <summary>
/// Keeps a sink equal to what the server has: a list, then watches from its version on, and a list again when the version is too old.
/// After client-go's tools/cache/reflector.go: the first list takes any cached state ("0"), later ones at least the last version, and one after
/// that was refused a consistent read ("").
/// </summary>
internal sealed partial class Reflector<T>
    where T : class, IKubernetesObject
{
    private static readonly TimeSpan MinWatch = TimeSpan.FromSeconds(300);
    private static readonly TimeSpan MaxWatch = TimeSpan.FromSeconds(600);
    private static readonly TimeSpan ShortWatch = TimeSpan.FromSeconds(1);

    // However long the server asked to wait: a mistaken hour must not blind the operator for one.
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromMinutes(1);

    private readonly IKubernetesClient _client;
    private readonly IReflectorSink<T> _sink;
    private readonly string? _namespace;
    private readonly InformerOptions<T> _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Backoff _backoff;
    private string _version = "";
    private bool _listed;
    private bool _versionRefused;
    private bool _filled;
    private bool _denied;

    public Reflector(
        IKubernetesClient client, IReflectorSink<T> sink, string? @namespace, InformerOptions<T> options, TimeProvider time, ILogger logger)
    {
        _client = client;
        _sink = sink;
        _namespace = @namespace;
        _options = options;
        _time = time;
        _logger = logger;
        _backoff = new Backoff(time);
    }

    /// <summary>Runs until it is cancelled; every failure is logged and retried.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await RunOnceAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                // Whatever a call says while it is cancelled, this is the end that was asked for.
                return;
            }
        }
    }

    private async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await ListAsync(cancellationToken).ConfigureAwait(false))
                await WatchUntilRelistAsync(cancellationToken).ConfigureAwait(false);
            else
                await Task.Delay(_options.DiscoveryInterval, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsExpired)
        {
            // With a delay here too: a server that refuses every version must not be listed without end.
            Log.Relisting(_logger, ResourceType<T>.Plural, _version, e.Message);
            await DelayAsync(null, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.ListFailed(_logger, e, ResourceType<T>.Plural);
            await DelayAsync((e as KubernetesApiException)?.RetryAfter, cancellationToken).ConfigureAwait(false);
        }
    }

    // False: an optional kind is not served, or not to us; or one that has to be there is not to be had in this namespace.
    private async Task<bool> ListAsync(CancellationToken cancellationToken)
    {
        var version = !_listed ? "0" : _versionRefused ? "" : _version;
        try
        {
            // A list at a version is served from the API server's cache only where it is not paged.
            var options = new ListOptions
            {
                LabelSelector = _options.LabelSelector,
                FieldSelector = _options.FieldSelector,
                ResourceVersion = version,
                Limit = version is "" or "0" ? 500 : 0,
            };
            var list = await (_options.Transform is { } transform
                ? _client.ListAsync(_namespace, options, transform, cancellationToken)
                : _client.ListAsync<T>(_namespace, options, cancellationToken)).ConfigureAwait(false);
            _sink.SetServed(_namespace, true);
            _sink.Replace(_namespace, list.Items);
            (_version, _listed, _versionRefused, _filled, _denied) = (list.ResourceVersion, true, false, true, false);
            return true;
        }
        catch (KubernetesApiException e) when (version.Length > 0 && IsVersionRefused(e))
        {
            (_listed, _versionRefused) = (true, true);
            throw new KubernetesApiException(HttpStatusCode.Gone, "Expired", e.Message);
        }
        catch (KubernetesApiException e) when (e.IsNotFound && _options.Optional)
        {
            Log.NotServed(_logger, ResourceType<T>.Plural, ResourceType<T>.ApiVersion, _options.DiscoveryInterval.TotalSeconds);
            _sink.SetServed(_namespace, false);
            _sink.Replace(_namespace, []);
            (_listed, _versionRefused, _filled, _denied) = (false, false, false, false);
            return false;
        }
        catch (KubernetesApiException e) when (e.StatusCode == HttpStatusCode.Forbidden && _options.Optional && !_filled)
        {
            // Once filled, what is known stays: a role that is being replaced takes no objects away.
            if (!_denied)
                Log.Denied(_logger, ResourceType<T>.Plural, _options.DiscoveryInterval.TotalSeconds, e.Message);
            _denied = true;
            _sink.SetServed(_namespace, false, e.Message);
            _sink.Replace(_namespace, []);
            return false;
        }
        catch (KubernetesApiException e) when (e.StatusCode == HttpStatusCode.Forbidden && _namespace is not null && !_filled)
        {
            // Its Role is missing: those of other namespaces are there.
            if (!_denied)
                Log.Refused(_logger, ResourceType<T>.Plural, _namespace, _options.DiscoveryInterval.TotalSeconds, e.Message);
            _denied = true;
            _sink.Refuse(_namespace);
            return false;
        }
    }

    private async Task WatchUntilRelistAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var started = _time.GetTimestamp();
            var events = 0;
            try
            {
                var options = new WatchOptions
                {
                    LabelSelector = _options.LabelSelector,
                    FieldSelector = _options.FieldSelector,
                    ResourceVersion = _version,
                    Timeout = MinWatch + ((MaxWatch - MinWatch) * Random.Shared.NextDouble()),
                };
                await foreach (var change in _client.WatchAsync<T>(_namespace, options, cancellationToken).ConfigureAwait(false))
                {
                    events++;
                    if (change.Type != WatchEventType.Bookmark)
                        _sink.Apply(change.Type, _options.Transform is { } transform ? transform(change.Object) : change.Object);
                    _version = change.Object.Metadata.ResourceVersion ?? _version;
                }
            }
            catch (KubernetesApiException e) when (IsPassing(e))
            {
                Log.WatchFailed(_logger, ResourceType<T>.Plural, e.Message);
                await DelayAsync(e.RetryAfter, cancellationToken).ConfigureAwait(false);
                continue;
            }

            if (events == 0 && _time.GetElapsedTime(started) < ShortWatch)
            {
                Log.WatchTooShort(_logger, ResourceType<T>.Plural);
                await DelayAsync(null, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // Expired, or a version that this (restored, or lagging) server has not reached.
    private static bool IsVersionRefused(KubernetesApiException e) =>
        e.IsExpired || (e.StatusCode == HttpStatusCode.GatewayTimeout && e.Message.Contains("Too large resource version", StringComparison.Ordinal));

    // The server is busy or away: what we know stays good, so that a thousand operators need not list again at once.
    private static bool IsPassing(KubernetesApiException e) =>
        e.StatusCode == HttpStatusCode.TooManyRequests
        || (e.StatusCode == 0 && e.InnerException is HttpRequestException or SocketException or TimeoutException or OperationCanceledException);

    private Task DelayAsync(TimeSpan? atLeast, CancellationToken cancellationToken)
    {
        var delay = _backoff.Next();
        if (atLeast > delay)
            delay = atLeast.Value < MaxRetryAfter ? atLeast.Value : MaxRetryAfter;
        return Task.Delay(delay, _time, cancellationToken);
    }
}
