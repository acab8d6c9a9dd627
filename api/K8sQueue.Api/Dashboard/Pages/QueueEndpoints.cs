using K8sQueue.Api.Authentication;
using K8sQueue.Api.Dashboard.Charts;
using K8sQueue.Api.Dashboard.Components;
using K8sQueue.Api.Endpoints;
using K8sQueue.Api.Hosting;
using K8sQueue.Api.Telemetry;
using K8sQueue.Core.Capacity;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Trends;
using Microsoft.AspNetCore.Authorization;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>A queue's page, what is done to it there, and its events.</summary>
internal static class QueueEndpoints
{
    private const int MaxEvents = 200;
    private const int MaxShownEvents = 50;
    private const int MaxJobs = 25;

    public static void MapQueuePages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/queues/{queue}", ShowAsync);
        pages.MapPost("/queues/{queue}/pause", PauseAsync).Requires(Verb.Manage);
        pages.MapPost("/queues/{queue}/resume", ResumeAsync).Requires(Verb.Manage);
    }

    /// <summary>The API's stream of events, for who is logged in.</summary>
    public static void MapQueueEvents(this IEndpointRouteBuilder routes, AuthorizationPolicy policy) => routes.MapGet("/queues/{queue}/events", EventEndpoints.FollowAsync)
        .RequireAuthorization(policy)
        .AddEndpointFilter(static (context, next) =>
        {
            DashboardGuard.Require(context.HttpContext, Verb.Read, (string?)context.HttpContext.Request.RouteValues["queue"]);
            return next(context);
        })
        .ExcludeFromDescription()
        .WithMetadata(new DashboardEndpoint(DashboardContent.Events));

    private static async Task<IResult> ShowAsync(
        string queue, string? span, string? state, string? type, HttpContext context, IJobQueue jobs, QueueTrends trends, PoolTrends pools, TimeProvider time)
    {
        DashboardGuard.Require(context, Verb.Read, queue);
        var cancellationToken = context.RequestAborted;
        var wanted = TrendSpan.Of(span);
        var history = await jobs.Load.ReadAsync(queue, cancellationToken);
        var events = await RecentEvents.ReadAsync(jobs, queue, MaxEvents, cancellationToken);
        var wantedState = Enum.TryParse<JobState>(state, ignoreCase: true, out var parsed) && Enum.IsDefined(parsed) ? parsed : (JobState?)null;
        var charts = TrendCharts.Of(await trends.OfAsync(queue, wanted, cancellationToken), wanted, time.GetUtcNow());
        var model = new QueueModel
        {
            Statistics = await jobs.GetStatisticsAsync(queue, cancellationToken),
            Capacity = CapacityEstimator.Estimate(history),
            Limits = await jobs.GetLimitsAsync(queue, cancellationToken),
            Charts =
            [
                .. charts,
                wanted == TrendSpan.Hour
                    ? TrendCharts.Waits(history)
                    : TrendCharts.Waits(await jobs.Trends.ReadWaitsAsync(queue, wanted, cancellationToken), wanted, time.GetUtcNow()),
            ],
            Span = wanted,
            Pools = Access.May(context.User, Verb.Read, queue: null) ? pools.Consuming(queue) : [],
            Events = [.. events.Take(MaxShownEvents)],
            Jobs = await JobsAsync(jobs, events, wantedState, type, cancellationToken),
            State = wantedState,
            Type = string.IsNullOrEmpty(type) ? null : type,
        };
        return Page.Of<QueuePage>(context, model);
    }

    // Those that something became of lately, whatever their state: the page of jobs lists those of one state.
    private static async Task<IReadOnlyList<JobRow>> JobsAsync(
        IJobQueue jobs, IReadOnlyList<JobEvent> events, JobState? state, string? type, CancellationToken cancellationToken)
    {
        // As many at a time as are shown: the page is read again and again, and mostly the first ones are all that it wants.
        var rows = new List<JobRow>();
        foreach (var last in events.DistinctBy(e => e.Job).Chunk(MaxJobs))
        {
            var records = await ParallelReads.OfAsync(last, 8, (e, token) => jobs.GetJobAsync(e.Job, token), cancellationToken);
            rows.AddRange(records.Zip(last)
                .Where(pair => pair.First is { } job && (state is null || job.State == state)
                    && (string.IsNullOrEmpty(type) || job.Type.Contains(type, StringComparison.OrdinalIgnoreCase)))
                .Select(pair => new JobRow(pair.First!, pair.Second.At)));
            if (rows.Count >= MaxJobs)
                break;
        }

        return [.. rows.Take(MaxJobs)];
    }

    private static Task<IResult> PauseAsync(string queue, HttpContext context, IJobQueue jobs) => SetPausedAsync(queue, paused: true, context, jobs);

    private static Task<IResult> ResumeAsync(string queue, HttpContext context, IJobQueue jobs) => SetPausedAsync(queue, paused: false, context, jobs);

    private static async Task<IResult> SetPausedAsync(string queue, bool paused, HttpContext context, IJobQueue jobs)
    {
        DashboardGuard.Require(context, Verb.Manage, queue);
        await jobs.SetPausedAsync(queue, paused, context.RequestAborted);
        return Results.LocalRedirect(Notices.On(Links.Queue(queue), paused ? "paused" : "resumed"));
    }
}
