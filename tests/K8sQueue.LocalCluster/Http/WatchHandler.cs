using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Operations;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Storage;
using K8sQueue.LocalCluster.Tables;

namespace K8sQueue.LocalCluster.Http;

/// <summary>Watches: a line of JSON an event, until the time-out, the client, or the server's end.</summary>
internal sealed class WatchHandler(ObjectStore store, ApiServerOptions options, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private const int MinTimeoutSeconds = 1800;

    public async Task WatchAsync(HttpContext context, ResourceEndpoint endpoint, RequestPath path)
    {
        var watch = new Watch(endpoint, RequestOptions.Filter(context.Request, endpoint, path), ResponseFormat.Of(context.Request), context);
        var timeout = RequestOptions.Number(context.Request, "timeoutSeconds") is { } asked and > 0
            ? asked : Random.Shared.Next(MinTimeoutSeconds, 2 * MinTimeoutSeconds);
        using var expiry = new CancellationTokenSource(TimeSpan.FromSeconds(timeout), time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, context.RequestAborted, lifetime.ApplicationStopping);
        context.Response.ContentType = ApiResponse.Json;
        context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpResponseBodyFeature>()?.DisableBuffering();
        try
        {
            using var changes = await StartAsync(watch);
            if (changes is not null)
                await FollowAsync(watch, changes, linked.Token);
        }
        catch (OperationCanceledException) when (linked.IsCancellationRequested)
        {
            // The time is up, or one of the two ends leaves: that is how watches end.
        }
    }

    /// <summary>Writes what comes before the changes; null where the version is gone, which the client has then been told.</summary>
    private async Task<StoreSubscription?> StartAsync(Watch watch)
    {
        var query = watch.Context.Request.Query;
        var resource = watch.Endpoint.Type.StoredAs;
        var text = query["resourceVersion"].ToString();
        var initial = RequestOptions.Flag(watch.Context.Request, "sendInitialEvents");
        if (text.Length > 0 && text != "0" && !initial)
        {
            if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
                throw ApiErrors.BadRequest($"resourceVersion: Invalid value: \"{text}\": must be an unsigned integer");
            var resumed = store.TrySubscribe(resource, version);
            if (resumed is null)
            {
                var gone = ApiErrors.Expired($"too old resource version: {version} ({store.CompactedVersion})");
                await WriteAsync(watch, "ERROR", gone.ToStatus().Utf8());
            }

            await watch.Context.Response.Body.FlushAsync(watch.Context.RequestAborted);
            return resumed;
        }

        var (snapshot, changes) = store.SubscribeFromNow(resource, bounded: true);
        foreach (var stored in snapshot.Objects.In(watch.Filter.Namespace).Where(watch.Filter.Matches))
            await WriteAsync(watch, "ADDED", Body(watch, stored));
        if (initial)
            await WriteAsync(watch, "BOOKMARK", Bookmark(watch, snapshot.Version, endsInitialEvents: true));
        await watch.Context.Response.Body.FlushAsync(watch.Context.RequestAborted);
        return changes;
    }

    private async Task FollowAsync(Watch watch, StoreSubscription changes, CancellationToken cancellationToken)
    {
        var bookmarks = RequestOptions.Flag(watch.Context.Request, "allowWatchBookmarks");
        using var timer = new PeriodicTimer(options.BookmarkInterval, time);
        var tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
        var more = changes.Changes.WaitToReadAsync(cancellationToken).AsTask();
        while (true)
        {
            await Task.WhenAny(tick, more);
            if (more.IsCompleted)
            {
                if (!await more)
                    return;
                await DrainAsync(watch, changes);
                more = changes.Changes.WaitToReadAsync(cancellationToken).AsTask();
            }
            else
            {
                await tick;
                // Every event up to this version is in the channel already: write those first, and the bookmark is true.
                var version = store.Version;
                await DrainAsync(watch, changes);
                if (bookmarks)
                    await WriteAsync(watch, "BOOKMARK", Bookmark(watch, version, endsInitialEvents: false));
                tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
            }

            await watch.Context.Response.Body.FlushAsync(cancellationToken);
        }
    }

    private async Task DrainAsync(Watch watch, StoreSubscription changes)
    {
        while (changes.Changes.TryRead(out var change))
        {
            if (watch.Filter.Seen(change) is not { } seen)
                continue;
            var shown = seen == StoreEventType.Deleted && change.Type != seen ? Restamped(change) : change.Object;
            await WriteAsync(watch, EventNames.Of(seen), Body(watch, shown));
        }
    }

    /// <summary>An object that left the selection is shown as it last was in it, with the version of the change.</summary>
    private static StoredObject Restamped(StoreEvent change)
    {
        var value = change.Previous!.Value.Copy();
        value.Metadata()["resourceVersion"] = change.Object.Value.ResourceVersion();
        return new StoredObject(change.Object.Resource, value, change.Object.Version);
    }

    private byte[] Body(Watch watch, StoredObject stored) => watch.Shape switch
    {
        ResponseShape.Table => TableWriter.Table(
            watch.Endpoint, [watch.Endpoint.FromStorage(stored.Value)], new JsonObject { ["resourceVersion"] = stored.Value.ResourceVersion() },
            watch.Context.Request.Query["includeObject"], time.GetUtcNow()).Utf8(),
        ResponseShape.Metadata => TableWriter.PartialMetadata(stored.Value).Utf8(),
        _ => CollectionHandlers.Utf8(watch.Endpoint, stored),
    };

    private static byte[] Bookmark(Watch watch, long version, bool endsInitialEvents)
    {
        var metadata = new JsonObject { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture) };
        if (endsInitialEvents)
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        return watch.Shape == ResponseShape.Table
            ? TableWriter.Table(watch.Endpoint, [], metadata, null, default).Utf8()
            : new JsonObject { ["kind"] = watch.Endpoint.Type.Kind, ["apiVersion"] = watch.Endpoint.ApiVersion, ["metadata"] = metadata }.Utf8();
    }

    private static async Task WriteAsync(Watch watch, string type, byte[] body)
    {
        using var buffer = new MemoryStream(body.Length + 64);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("type", type);
            writer.WritePropertyName("object");
            writer.WriteRawValue(body, skipInputValidation: true);
            writer.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        await watch.Context.Response.Body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), watch.Context.RequestAborted);
    }

    private sealed record Watch(ResourceEndpoint Endpoint, ObjectFilter Filter, ResponseShape Shape, HttpContext Context);
}
