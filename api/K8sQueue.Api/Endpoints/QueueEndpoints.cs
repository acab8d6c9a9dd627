using K8sQueue.Api.Audit;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Contracts;
using K8sQueue.Api.Hosting;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Capacity;
using K8sQueue.Core.Queues;
using Microsoft.AspNetCore.Http.HttpResults;

namespace K8sQueue.Api.Endpoints;

/// <summary>List queues, read a queue's counts, pause, resume, drain and delete it.</summary>
internal static class QueueEndpoints
{
    private const int DefaultDrainLimit = 1000;

    public static void MapQueues(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/queues", ListAsync)
            .WithName("ListQueues")
            .Requires(Verb.Read, Reach.Visible)
            .WithSummary("List the queues with their counts, by name: those that the key may read.")
            .Produces<QueuePage>()
            .ProducesProblems(400, 503);
        routes.MapGet("/v1/queues/{queue}", GetAsync)
            .WithName("GetQueue")
            .Requires(Verb.Read)
            .WithSummary("Read a queue's counts. A queue that never took a job is an empty one.")
            .Produces<QueueDocument>()
            .ProducesProblems(400, 503);
        routes.MapGet("/v1/queues/{queue}/capacity", GetCapacityAsync)
            .WithName("GetQueueCapacity")
            .Requires(Verb.Read)
            .WithSummary("Read how much work a queue brings and how many workers that wants, by the last hour.")
            .Produces<CapacityDocument>()
            .ProducesProblems(400, 503);
        routes.MapDelete("/v1/queues/{queue}", DeleteAsync)
            .WithName("DeleteQueue")
            .Requires(Verb.Manage)
            .WithSummary("Delete a queue that has nothing: no jobs, dead letters, schedules or workers.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(400, 409, 503);
        routes.MapPost("/v1/queues/{queue}/pause", PauseAsync)
            .WithName("PauseQueue")
            .Requires(Verb.Manage)
            .WithSummary("Stop the starts of a queue's jobs, for every worker.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(400, 503);
        routes.MapPost("/v1/queues/{queue}/resume", ResumeAsync)
            .WithName("ResumeQueue")
            .Requires(Verb.Manage)
            .WithSummary("Let a paused queue's jobs start again.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(400, 503);
        routes.MapPost("/v1/queues/{queue}/drain", DrainAsync)
            .WithName("DrainQueue")
            .Requires(Verb.Manage)
            .TakesDryRun()
            .WithSummary("Cancel the jobs that wait in a queue, so many a request; those that run go on.")
            .Produces<DrainedDocument>()
            .ProducesProblems(400, 503);
    }

    private static async Task<Ok<QueuePage>> ListAsync(string? after, string? limit, HttpContext context, IJobQueue jobs)
    {
        var size = Parameters.RequireRange("limit", limit, 1, ApiLimits.MaxPageSize, ApiLimits.MaxPageSize);
        var names = await jobs.ListQueuesAsync(context.RequestAborted);
        var rest = names.Where(name => (after is null || string.CompareOrdinal(name, after) > 0) && Access.May(context.User, Verb.Read, name));
        var page = rest.Order(StringComparer.Ordinal).Take(size + 1).ToList();
        var more = page.Count > size;
        if (more)
            page.RemoveAt(size);
        var queues = await ParallelReads.OfAsync(page, 8, jobs.GetStatisticsAsync, context.RequestAborted);
        return TypedResults.Ok(new QueuePage([.. queues.Select(QueueDocument.From)], more ? page[^1] : null));
    }

    private static async Task<Ok<QueueDocument>> GetAsync(string queue, HttpContext context, IJobQueue jobs)
    {
        Parameters.RequireQueue(queue);
        return TypedResults.Ok(QueueDocument.From(await jobs.GetStatisticsAsync(queue, context.RequestAborted)));
    }

    private static async Task<Ok<CapacityDocument>> GetCapacityAsync(string queue, HttpContext context, IJobQueue jobs)
    {
        Parameters.RequireQueue(queue);
        return TypedResults.Ok(CapacityDocument.From(queue, await jobs.GetCapacityAsync(queue, context.RequestAborted)));
    }

    private static async Task<NoContent> DeleteAsync(string queue, HttpContext context, IJobQueue jobs)
    {
        Parameters.RequireQueue(queue);
        if (!await jobs.DeleteQueueAsync(queue, context.RequestAborted))
            throw new ProblemException(new Problem(ProblemTypes.QueueNotEmpty));
        return TypedResults.NoContent();
    }

    private static async Task<Ok<DrainedDocument>> DrainAsync(string queue, string? delayed, string? limit, string? dryRun, HttpContext context, IJobQueue jobs)
    {
        Parameters.RequireQueue(queue);
        Parameters.RequireKnown(context.Request, "delayed", "limit", DryRuns.Parameter);
        var withDelayed = Parameters.RequireFlag("delayed", delayed);
        var most = Parameters.RequireRange("limit", limit, 1, ApiLimits.MaxJobActions, DefaultDrainLimit);
        var isDryRun = DryRuns.Read(context, dryRun);
        AuditNote.Meant(context, $"delayed={(withDelayed ? "true" : "false")}");
        int? drained = isDryRun ? null : await jobs.DrainAsync(queue, withDelayed, most, context.RequestAborted);
        if (drained is { } changed)
            AuditNote.Did(context, changed);
        var left = await jobs.GetStatisticsAsync(queue, context.RequestAborted);
        return TypedResults.Ok(new DrainedDocument(drained, left.Backlog.Waiting + left.Parked + (withDelayed ? left.Delayed : 0)));
    }

    private static Task<NoContent> PauseAsync(string queue, HttpContext context, IJobQueue jobs) =>
        SetPausedAsync(queue, paused: true, context, jobs);

    private static Task<NoContent> ResumeAsync(string queue, HttpContext context, IJobQueue jobs) =>
        SetPausedAsync(queue, paused: false, context, jobs);

    private static async Task<NoContent> SetPausedAsync(string queue, bool paused, HttpContext context, IJobQueue jobs)
    {
        Parameters.RequireQueue(queue);
        await jobs.SetPausedAsync(queue, paused, context.RequestAborted);
        return TypedResults.NoContent();
    }
}
