using K8sQueue.Api.Authentication;
using K8sQueue.Api.Contracts;
using K8sQueue.Api.Events;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace K8sQueue.Api.Endpoints;

/// <summary>Follow what becomes of a queue's tracked jobs.</summary>
internal static class EventEndpoints
{
    /// <summary>How long an idle stream is silent.</summary>
    public static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(15);

    private const string LastEventId = "Last-Event-ID";
    private const int PageSize = 500;

    // A follower that is behind what is kept here reads on its own, and not more often than this where there is nothing to read.
    private static readonly TimeSpan OwnReadInterval = TimeSpan.FromMilliseconds(250);

    public static void MapEvents(this IEndpointRouteBuilder routes) => routes.MapGet("/v1/queues/{queue}/events", FollowAsync)
        .WithName("FollowQueue")
        .Requires(Verb.Read)
        .WithSummary("Follow what becomes of a queue's tracked jobs, as server-sent events.")
        .Produces<EventDocument>(StatusCodes.Status200OK, EventStream.ContentType)
        .ProducesProblems(400, 410, 429, 503);

    /// <summary>Streams a queue's events, from the one behind that the client saw last.</summary>
    public static async Task FollowAsync(
        string queue,
        string? after,
        HttpContext context,
        IJobQueue jobs,
        EventFeeds feeds,
        IOptions<JsonOptions> json,
        IHostApplicationLifetime lifetime,
        TimeProvider time)
    {
        Parameters.RequireQueue(queue);
        var seen = From(context.Request, after);
        using var place = feeds.TryEnter(Standing.Caller(context)) ?? throw new ProblemException(new Problem(ProblemTypes.TooManyFollowers) { RetryAfterSeconds = 5 });
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            var first = await jobs.ReadEventsAsync(queue, seen, PageSize, TimeSpan.Zero, end.Token);
            var stream = new EventStream(context.Response, json.Value.SerializerOptions);
            await stream.BeginAsync(end.Token);
            await stream.WriteAsync(first.Events, end.Token);
            await StreamAsync(queue, first.Last, stream, context, jobs, feeds, time, end.Token);
        }
        catch (JobEventsTrimmedException) when (!context.Response.HasStarted)
        {
            throw new ProblemException(new Problem(ProblemTypes.EventsTrimmed));
        }
        catch (Exception e) when (context.Response.HasStarted
            && e is OperationCanceledException or JobQueueUnavailableException or JobQueueConfigurationException or InvalidOperationException)
        {
            // The client is gone, the process stops, or the broker is down or refuses: a client that is there connects again, and is told why.
        }
    }

    private static async Task StreamAsync(
        string queue, JobEventId seen, EventStream stream, HttpContext context, IJobQueue jobs, EventFeeds feeds, TimeProvider time, CancellationToken end)
    {
        using var following = feeds.Follow(queue, seen, out var feed);
        var checkedAt = time.GetTimestamp();
        while (true)
        {
            if (time.GetElapsedTime(checkedAt) >= BeatInterval)
            {
                if (!await Standing.HoldsAsync(context, Verb.Read, queue))
                    return;
                checkedAt = time.GetTimestamp();
            }

            var events = feed.Behind(seen, out var news);
            if (events is null)
            {
                try
                {
                    var page = await jobs.ReadEventsAsync(queue, seen, PageSize, TimeSpan.Zero, end);
                    (events, seen) = (page.Events, page.Last);
                }
                catch (JobEventsTrimmedException)
                {
                    await stream.EndTrimmedAsync(end);
                    return;
                }

                if (events.Count == 0)
                    await Task.Delay(OwnReadInterval, time, end);
            }
            else if (events.Count == 0)
            {
                if (!await WithinAsync(news, BeatInterval, time, end))
                    await stream.BeatAsync(end);
            }
            else
            {
                seen = events[^1].Id;
            }

            await stream.WriteAsync(events, end);
        }
    }

    /// <exception cref="ProblemException">What the client saw last is no event's id.</exception>
    private static JobEventId? From(HttpRequest request, string? after)
    {
        // A client that connects again sends the header beside the address that it began with.
        var (name, text) = request.Headers[LastEventId].ToString() is { Length: > 0 } last ? (LastEventId, last) : ("after", after);
        if (string.IsNullOrEmpty(text))
            return null;
        if (text == "0")
            return JobEventId.Start;
        return JobEventId.TryParse(text, out var id)
            ? id
            : throw new ProblemException(new Problem(
                ProblemTypes.InvalidParameter, $"'{name}' must be the id of an event, or 0 for all that are kept.")
            { Field = name });
    }

    private static async Task<bool> WithinAsync(Task task, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await task.WaitAsync(limit, time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
