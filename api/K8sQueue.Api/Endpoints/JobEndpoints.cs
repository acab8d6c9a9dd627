using K8sQueue.Api.Audit;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Contracts;
using K8sQueue.Api.Enqueueing;
using K8sQueue.Api.Events;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace K8sQueue.Api.Endpoints;

/// <summary>Enqueue a job, read it, cancel it, let it run again, delete its record.</summary>
internal static class JobEndpoints
{
    public static void MapJobs(this IEndpointRouteBuilder routes)
    {
        // What enqueues need is taken once: a request that asks for a service is given a scope of its own. The headers are parameters for the document: where one is
        // given twice, only the request tells.
        var jobs = routes.ServiceProvider.GetRequiredService<EnqueueBatcher>();
        var limit = PayloadLimit.Of(routes.ServiceProvider);
        var types = routes.ServiceProvider.GetRequiredService<JobRoutes>();
        routes.MapPost("/v1/queues/{queue}/jobs", (string queue, [FromHeader(Name = IdempotencyKey.HeaderName)] string? idempotencyKey, HttpContext context) =>
                EnqueueAsync(queue, context, jobs, limit))
            .WithName("EnqueueJob")
            .WithTags(nameof(JobEndpoints))
            .Requires(Verb.Enqueue)
            .WithSummary("Enqueue a job.")
            .Accepts<EnqueueJob>(ContentTypes.Json)
            .Produces<JobAccepted>(StatusCodes.Status202Accepted)
            .Produces<JobAccepted>()
            .ProducesProblems(400, 413, 415, 422, 503, 507);
        routes.MapPost("/v1/jobs", ([FromHeader(Name = IdempotencyKey.HeaderName)] string? idempotencyKey, HttpContext context) =>
                EnqueueByTypeAsync(context, jobs, types, limit))
            .WithName("EnqueueJobByType")
            .WithTags(nameof(JobEndpoints))
            .Requires(Verb.Enqueue, Reach.Body)
            .WithSummary("Enqueue a job into the queue that its type's route leads to.")
            .Accepts<EnqueueJob>(ContentTypes.Json)
            .Produces<JobAccepted>(StatusCodes.Status202Accepted)
            .Produces<JobAccepted>()
            .ProducesProblems(400, 413, 415, 422, 503, 507);
        routes.MapGet("/v1/queues/{queue}/jobs", ListAsync)
            .WithName("ListJobs")
            .Requires(Verb.Read)
            .WithSummary("Look through a queue's jobs of one state.")
            .Produces<JobListPage>()
            .ProducesProblems(400, 503);
        routes.MapGet("/v1/jobs/{id}", GetAsync)
            .WithName("GetJob")
            .Requires(Verb.Read)
            .WithSummary("Read the record of a tracked job, or wait until the job has ended.")
            .Produces<JobDocument>()
            .ProducesProblems(400, 404, 429, 503);
        routes.MapPost("/v1/jobs/{id}/cancel", CancelAsync)
            .WithName("CancelJob")
            .Requires(Verb.Manage)
            .WithSummary("Cancel a job: it ends where it does not run, and is told to stop where it does.")
            .Produces<CancelDocument>(StatusCodes.Status202Accepted)
            .ProducesProblems(400, 404, 503);
        routes.MapPost("/v1/jobs/{id}/retry", RetryAsync)
            .WithName("RetryJob")
            .Requires(Verb.Manage)
            .WithSummary("Let a dead letter or a cancelled job run again, with all its attempts.")
            .Produces<JobAccepted>(StatusCodes.Status202Accepted)
            .ProducesProblems(400, 404, 409, 503);
        routes.MapDelete("/v1/jobs/{id}", DeleteAsync)
            .WithName("DeleteJob")
            .Requires(Verb.Manage)
            .WithSummary("Delete what is kept of a job that has ended.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(400, 404, 409, 503);
    }

    private static Task<IResult> EnqueueAsync(string queue, HttpContext context, EnqueueBatcher jobs, PayloadLimit limit)
    {
        Parameters.RequireQueue(queue);
        ContentTypes.Require(context.Request, ContentTypes.Json);
        return AddAsync(JobBody.ReadAsync(context.Request, queue, IdempotencyKey.Of(context.Request), limit), context, jobs);
    }

    private static async Task<IResult> EnqueueByTypeAsync(HttpContext context, EnqueueBatcher jobs, JobRoutes types, PayloadLimit limit)
    {
        ContentTypes.Require(context.Request, ContentTypes.Json);
        var job = await JobBody.ReadAsync(context.Request, queue: "", IdempotencyKey.Of(context.Request), limit);
        if (!types.TryGetQueue(job.Type, out var queue))
        {
            return new Problem(ProblemTypes.InvalidJob, $"There is no route for this type: add one to {JobRoutes.Variable}, or enqueue to a queue by its name.")
            {
                Field = "type",
            };
        }

        Access.Require(context.User, Verb.Enqueue, queue);
        return await AddAsync(ValueTask.FromResult(job with { Queue = queue }), context, jobs);
    }

    private static async Task<IResult> AddAsync(ValueTask<JobRequest> body, HttpContext context, EnqueueBatcher jobs)
    {
        var job = await body;
        try
        {
            var enqueued = await jobs.EnqueueAsync(job, context.RequestAborted);
            AuditNote.Made(context, enqueued.Id);
            if (enqueued.IsDuplicate && job.Fingerprint is { } fingerprint)
                return Replay(enqueued.Id, fingerprint, context);
            var accepted = JobAccepted.From(enqueued);
            return enqueued.IsDuplicate
                ? new JobAnswer(accepted, StatusCodes.Status200OK, location: null)
                : new JobAnswer(accepted, StatusCodes.Status202Accepted, Location(context, accepted));
        }
        catch (ArgumentException e)
        {
            return new Problem(ProblemTypes.InvalidJob, e.Message);
        }
    }

    // The answer to the first request, where this one is the same.
    private static IResult Replay(JobId id, UInt128 fingerprint, HttpContext context)
    {
        if (!id.HasFingerprint(fingerprint))
            return new Problem(ProblemTypes.IdempotencyKeyReused, $"Its job is {id}. Send another key with another request.") { Field = IdempotencyKey.HeaderName };
        context.Response.Headers[IdempotencyKey.ReplayedHeaderName] = "true";
        var accepted = JobAccepted.From(new EnqueuedJob(id));
        return new JobAnswer(accepted, StatusCodes.Status202Accepted, Location(context, accepted));
    }

    /// <summary>The address of a job's record; null for an untracked job, which has none.</summary>
    public static string? Location(HttpContext context, JobAccepted job) =>
        job.Tracked ? $"{context.Request.PathBase}/v1/jobs/{job.Id}" : null;

    private static async Task<Ok<JobListPage>> ListAsync(
        string queue, [AsParameters] JobQuery query, string? after, string? limit, HttpContext context, IJobQueue jobs)
    {
        Parameters.RequireQueue(queue);
        var filter = query.ToFilter();
        var size = Parameters.RequireRange("limit", limit, 1, ApiLimits.MaxPageSize, ApiLimits.MaxPageSize);
        var page = await Parameters.RequirePlaceAsync("after", () => jobs.FindJobsAsync(queue, filter, after, size, context.RequestAborted).AsTask());
        return TypedResults.Ok(JobListPage.From(page));
    }

    private static async Task<Ok<JobDocument>> GetAsync(string id, string? wait, HttpContext context, JobWaits waits)
    {
        var jobId = Parameters.RequireJobId(id);
        var longest = Parameters.RequireWait("wait", wait, JobWaits.MaxSeconds);
        if (!jobId.IsTracked)
            throw new ProblemException(new Problem(ProblemTypes.JobNotTracked, "Enqueue with \"tracked\": true to read a job later."));
        var job = await waits.GetAsync(jobId, longest, Standing.Caller(context), context.RequestAborted)
            ?? throw new ProblemException(new Problem(ProblemTypes.JobNotFound));
        return TypedResults.Ok(JobDocument.From(job));
    }

    private static async Task<Accepted<CancelDocument>> CancelAsync(string id, HttpContext context, IJobQueue jobs)
    {
        var jobId = Parameters.RequireJobId(id);
        var outcome = await jobs.CancelAsync(jobId, context.RequestAborted);
        return outcome != CancelOutcome.NotFound
            ? TypedResults.Accepted((string?)null, new CancelDocument(jobId.Value, outcome))
            : throw new ProblemException(new Problem(ProblemTypes.JobNotFound, "There is no such job, or it has ended."));
    }

    private static async Task<Accepted<JobAccepted>> RetryAsync(string id, HttpContext context, IJobQueue jobs)
    {
        var jobId = Parameters.RequireJobId(id);
        ProblemType? problem = await jobs.RetryAsync(jobId, context.RequestAborted) switch
        {
            RerunOutcome.Enqueued => null,
            RerunOutcome.Duplicate => ProblemTypes.DuplicateJob,
            RerunOutcome.NotEnded => ProblemTypes.JobNotEnded,
            RerunOutcome.NotKept => ProblemTypes.JobNotKept,
            _ => Missing(jobId),
        };
        if (problem is not null)
            throw new ProblemException(new Problem(problem));
        var accepted = JobAccepted.From(new EnqueuedJob(jobId));
        return TypedResults.Accepted(Location(context, accepted), accepted);
    }

    private static async Task<NoContent> DeleteAsync(string id, HttpContext context, IJobQueue jobs)
    {
        var jobId = Parameters.RequireJobId(id);
        return await jobs.DeleteJobAsync(jobId, context.RequestAborted) switch
        {
            DeleteOutcome.Deleted => TypedResults.NoContent(),
            DeleteOutcome.NotEnded => throw new ProblemException(new Problem(ProblemTypes.JobNotEnded, "Cancel it first.")),
            _ => throw new ProblemException(new Problem(Missing(jobId))),
        };
    }

    private static ProblemType Missing(JobId id) => id.IsTracked ? ProblemTypes.JobNotFound : ProblemTypes.JobNotTracked;
}
