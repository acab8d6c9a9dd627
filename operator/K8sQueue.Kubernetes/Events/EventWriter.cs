using System.Net;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using Microsoft.Extensions.Logging;

namespace K8sQueue.Kubernetes.Events;

/// <summary>
/// Writes events one after the other. An event that comes again within six minutes becomes a series of the first: written at the second
/// occurrence, then at most once a minute.
/// </summary>
internal sealed partial class EventWriter(IKubernetesClient client, TimeProvider time, ILogger logger)
{
    public static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    /// <summary>A series ends when nothing came for this long (client-go, tools/events).</summary>
    public static readonly TimeSpan SeriesEnd = TimeSpan.FromMinutes(6);

    private const int Attempts = 3;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly Dictionary<EventKey, EventSeries> _series = [];

    public async Task WriteAsync(V1Event value, CancellationToken cancellationToken)
    {
        var (key, now) = (EventKey.Of(value), time.GetTimestamp());
        if (!_series.TryGetValue(key, out var series) || time.GetElapsedTime(series.SeenAt, now) > SeriesEnd)
        {
            if (await TryAsync(() => client.CreateAsync(value, cancellationToken), cancellationToken).ConfigureAwait(false) is { } written)
                _series[key] = new EventSeries(written, now);
            return;
        }

        series.Count++;
        series.SeenAt = now;
        series.LastObserved = value.EventTime ?? time.GetUtcNow();
        if (series.CountWritten == 1 || time.GetElapsedTime(series.WrittenAt, now) >= SweepInterval)
            await WriteSeriesAsync(series, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes the counts that are outdated, and forgets the series that ended.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        foreach (var (key, series) in _series.ToList())
        {
            if (series.Count > series.CountWritten)
                await WriteSeriesAsync(series, cancellationToken).ConfigureAwait(false);
            if (time.GetElapsedTime(series.SeenAt) > SeriesEnd)
                _series.Remove(key);
        }
    }

    private async Task WriteSeriesAsync(EventSeries series, CancellationToken cancellationToken)
    {
        series.WrittenAt = time.GetTimestamp();
        series.CountWritten = series.Count;
        var content = new V1EventSeries { Count = series.Count, LastObservedTime = series.LastObserved };
        var written = series.Written;
        await TryAsync(() => PatchAsync(written, content, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    // The server forgets events after an hour: then the first is made again, with its series.
    private async Task<V1Event> PatchAsync(V1Event written, V1EventSeries series, CancellationToken cancellationToken)
    {
        var json = System.Text.Json.JsonSerializer.SerializeToNode(
            new V1Event { Series = series }, Serialization.KubernetesJsonContext.Default.V1Event)!["series"]!.DeepClone();
        var patch = new KubernetesPatch(new JsonObject { ["series"] = json }, KubernetesPatch.MergePatch);
        try
        {
            return await client.PatchAsync<V1Event>(written.Metadata.Name!, written.Metadata.Namespace, patch, null, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            written.Metadata.ResourceVersion = null;
            written.Metadata.Uid = null;
            written.Series = series;
            return await client.CreateAsync(written, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<V1Event?> TryAsync(Func<Task<V1Event>> write, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await write().ConfigureAwait(false);
            }
            catch (KubernetesApiException e) when (IsPassing(e) && attempt < Attempts)
            {
                await Task.Delay(RetryDelay * attempt, time, cancellationToken).ConfigureAwait(false);
            }
            catch (KubernetesApiException e)
            {
                Log.NotWritten(logger, e.Message);
                return null;
            }
        }
    }

    private static bool IsPassing(KubernetesApiException e) =>
        e.StatusCode is 0 or HttpStatusCode.TooManyRequests || (int)e.StatusCode >= 500;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "An event could not be written: {Reason}")]
        public static partial void NotWritten(ILogger logger, string reason);
    }
}
