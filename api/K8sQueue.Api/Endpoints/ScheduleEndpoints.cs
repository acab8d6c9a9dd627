using System.Buffers;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Contracts;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Schedules;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace K8sQueue.Api.Endpoints;

/// <summary>Make, read, delete, pause and trigger the schedules of a queue.</summary>
internal static class ScheduleEndpoints
{
    private const string Schedule = "/v1/queues/{queue}/schedules/{name}";

    public static void MapSchedules(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/queues/{queue}/schedules", ListAsync)
            .WithName("ListSchedules")
            .Requires(Verb.Read)
            .WithSummary("List a queue's schedules, by name.")
            .Produces<SchedulePage>()
            .ProducesProblems(400, 503);
        routes.MapPut(Schedule, PutAsync)
            .WithName("PutSchedule")
            .Requires(Verb.Manage)
            .WithSummary("Make a schedule, or put another one in its place.")
            .Accepts<PutSchedule>(ContentTypes.Json)
            .Produces<ScheduleDocument>()
            .Produces<ScheduleDocument>(StatusCodes.Status201Created)
            .ProducesProblems(400, 412, 413, 415, 503, 507);
        routes.MapGet(Schedule, GetAsync)
            .WithName("GetSchedule")
            .Requires(Verb.Read)
            .WithSummary("Read a schedule.")
            .Produces<ScheduleDocument>()
            .Produces(StatusCodes.Status304NotModified)
            .ProducesProblems(400, 404, 503);
        routes.MapDelete(Schedule, DeleteAsync)
            .WithName("DeleteSchedule")
            .Requires(Verb.Manage)
            .WithSummary("Delete a schedule, not the jobs that it has made.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(400, 404, 412, 503);
        routes.MapPost(Schedule + "/trigger", TriggerAsync)
            .WithName("TriggerSchedule")
            .Requires(Verb.Manage)
            .WithSummary("Enqueue a schedule's job now, beside its times.")
            .Produces<JobAccepted>(StatusCodes.Status202Accepted)
            .Produces<JobAccepted>()
            .ProducesProblems(400, 404, 503, 507);
        routes.MapPost(Schedule + "/pause", PauseAsync)
            .WithName("PauseSchedule")
            .Requires(Verb.Manage)
            .WithSummary("Stop a schedule.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(400, 404, 503, 507);
        routes.MapPost(Schedule + "/resume", ResumeAsync)
            .WithName("ResumeSchedule")
            .Requires(Verb.Manage)
            .WithSummary("Let a paused schedule go on with its next time.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(400, 404, 503, 507);
    }

    private static async Task<Ok<SchedulePage>> ListAsync(string queue, string? after, string? limit, HttpContext context, IJobQueue jobs)
    {
        Parameters.RequireQueue(queue);
        var size = Parameters.RequireRange("limit", limit, 1, ApiLimits.MaxPageSize, ApiLimits.MaxPageSize);

        // One more than asked tells whether there is a next page.
        var schedules = await jobs.ListSchedulesAsync(queue, after, size + 1, context.RequestAborted);
        var page = schedules.Take(size).Select(ScheduleDocument.From).ToArray();
        return TypedResults.Ok(new SchedulePage(page, schedules.Count > size ? page[^1].Name : null));
    }

    private static async Task<IResult> PutAsync(
        string queue, string name, [FromHeader(Name = "If-Match")] string? ifMatch, [FromHeader(Name = "If-None-Match")] string? ifNoneMatch,
        HttpContext context, IJobQueue jobs)
    {
        _ = (ifMatch, ifNoneMatch); // For the document: where one is given twice, only the headers tell.
        Require(queue, name);
        var condition = ScheduleTags.ConditionOf(context.Request);
        ContentTypes.Require(context.Request, ContentTypes.Json);
        var schedule = await JobBody.ReadAsync(context.Request, (json, limit) => ScheduleReader.Read(json.ToArray(), queue, name, limit));
        var outcome = await CheckedAsync(() => jobs.PutScheduleAsync(schedule, condition, context.RequestAborted));
        if (outcome == SchedulePutOutcome.Conflict)
            throw Changed(condition);

        // The tag is only of what this request wrote: with that of another one, the next change of who sent it would do away with what they never saw.
        var status = await jobs.GetScheduleAsync(queue, name, context.RequestAborted);
        var document = status is not null && WrittenSchedule.Is(schedule, status.Schedule)
            ? Tagged(status, context)
            : ScheduleDocument.From(WrittenSchedule.StatusOf(schedule));
        return outcome == SchedulePutOutcome.Created ? TypedResults.Created($"{context.Request.PathBase}/v1/queues/{queue}/schedules/{name}", document) : TypedResults.Ok(document);
    }

    private static async Task<IResult> GetAsync(
        string queue, string name, [FromHeader(Name = "If-None-Match")] string? ifNoneMatch, HttpContext context, IJobQueue jobs)
    {
        _ = ifNoneMatch;
        Require(queue, name);
        var document = Tagged(await jobs.GetScheduleAsync(queue, name, context.RequestAborted) ?? throw NotFound(), context);
        return EntityTags.IsKnown(context.Request, context.Response.Headers.ETag.ToString())
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Ok(document);
    }

    private static async Task<NoContent> DeleteAsync(
        string queue, string name, [FromHeader(Name = "If-Match")] string? ifMatch, HttpContext context, IJobQueue jobs)
    {
        _ = ifMatch;
        Require(queue, name);
        var condition = ScheduleTags.ConditionOf(context.Request);
        return await jobs.DeleteScheduleAsync(queue, name, condition, context.RequestAborted) switch
        {
            ScheduleDeleteOutcome.Deleted => TypedResults.NoContent(),
            ScheduleDeleteOutcome.Conflict => throw Changed(condition),
            _ => throw NotFound(),
        };
    }

    private static async Task<IResult> TriggerAsync(string queue, string name, HttpContext context, IJobQueue jobs)
    {
        Require(queue, name);
        var job = await CheckedAsync(() => jobs.TriggerScheduleAsync(queue, name, context.RequestAborted)) ?? throw NotFound();
        var accepted = JobAccepted.From(job);
        return job.IsDuplicate ? TypedResults.Ok(accepted) : TypedResults.Accepted(JobEndpoints.Location(context, accepted), accepted);
    }

    private static Task<NoContent> PauseAsync(string queue, string name, HttpContext context, IJobQueue jobs) =>
        SetPausedAsync(queue, name, paused: true, context, jobs);

    private static Task<NoContent> ResumeAsync(string queue, string name, HttpContext context, IJobQueue jobs) =>
        SetPausedAsync(queue, name, paused: false, context, jobs);

    private static async Task<NoContent> SetPausedAsync(string queue, string name, bool paused, HttpContext context, IJobQueue jobs)
    {
        Require(queue, name);
        return await CheckedAsync(() => jobs.SetSchedulePausedAsync(queue, name, paused, context.RequestAborted)) ? TypedResults.NoContent() : throw NotFound();
    }

    private static ScheduleDocument Tagged(JobScheduleStatus status, HttpContext context)
    {
        var document = ScheduleDocument.From(status);
        context.Response.Headers.ETag = ScheduleTags.Of(status.Revision, document);
        return document;
    }

    /// <summary>What only the broker knows to be wrong.</summary>
    private static async Task<T> CheckedAsync<T>(Func<ValueTask<T>> call)
    {
        try
        {
            return await call();
        }
        catch (ArgumentException e)
        {
            throw new ProblemException(new Problem(ProblemTypes.InvalidSchedule, e.Message));
        }
    }

    private static void Require(string queue, string name)
    {
        Parameters.RequireQueue(queue);
        ScheduleReader.RequireName(name);
    }

    private static ProblemException Changed(ScheduleCondition? condition) => new(new Problem(
        ProblemTypes.ScheduleChanged,
        condition == ScheduleCondition.Absent
            ? "There is a schedule of this name: read it, and send its 'ETag' as 'If-Match' to put another one in its place."
            : "It was changed, made anew or deleted since that 'ETag' was answered: read it again, and send the one that it has now."));

    private static ProblemException NotFound() => new(new Problem(ProblemTypes.ScheduleNotFound));
}
