using K8sQueue.Api.Contracts;
using K8sQueue.Api.Enqueueing;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using Microsoft.AspNetCore.Http.HttpResults;

namespace K8sQueue.Api.Endpoints;

/// <summary>Enqueue a job, read a job, cancel a job.</summary>
internal static class JobEndpoints
{
    public static void MapJobs(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/queues/{queue}/jobs", EnqueueAsync)
            .WithName("EnqueueJob")
            .WithSummary("Enqueue a job.")
            .Accepts<EnqueueJob>(ContentTypes.Json)
            .Produces<JobAccepted>(StatusCodes.Status202Accepted)
            .Produces<JobAccepted>()
            .ProducesProblems(400, 413, 415, 503, 507);
        routes.MapPost("/v1/jobs", EnqueueByTypeAsync)
            .WithName("EnqueueJobByType")
            .WithSummary("Enqueue a job into the queue that its type's route leads to.")
            .Accepts<EnqueueJob>(ContentTypes.Json)
            .Produces<JobAccepted>(StatusCodes.Status202Accepted)
            .Produces<JobAccepted>()
            .ProducesProblems(400, 413, 415, 503, 507);
        routes.MapGet("/v1/jobs/{id}", GetAsync)
            .WithName("GetJob")
            .WithSummary("Read the record of a tracked job.")
            .Produces<JobDocument>()
            .ProducesProblems(400, 404, 503);
        routes.MapPost("/v1/jobs/{id}/cancel", CancelAsync)
            .WithName("CancelJob")
            .WithSummary("Cancel a job: it ends where it does not run, and is told to stop where it does.")
            .Produces<CancelDocument>(StatusCodes.Status202Accepted)
            .ProducesProblems(400, 404, 503);
    }

    private static async Task<IResult> EnqueueAsync(string queue, HttpContext context, EnqueueBatcher jobs)
    {
        Parameters.RequireQueue(queue);
        ContentTypes.Require(context.Request, ContentTypes.Json);
        return await AddAsync(await JobBody.ReadAsync(context.Request, queue), context, jobs);
    }

    private static async Task<IResult> EnqueueByTypeAsync(HttpContext context, EnqueueBatcher jobs, JobRoutes routes)
    {
        ContentTypes.Require(context.Request, ContentTypes.Json);
        var job = await JobBody.ReadAsync(context.Request, queue: "");
        return routes.TryGetQueue(job.Type, out var queue)
            ? await AddAsync(job with { Queue = queue }, context, jobs)
            : new Problem(ProblemTypes.InvalidJob, $"There is no route for this type: add one to {JobRoutes.Variable}, or enqueue to a queue by its name.")
            {
                Field = "type",
            };
    }

    private static async Task<IResult> AddAsync(JobRequest job, HttpContext context, EnqueueBatcher jobs)
    {
        try
        {
            var enqueued = await jobs.EnqueueAsync(job, context.RequestAborted);
            var accepted = JobAccepted.From(enqueued);
            return enqueued.IsDuplicate ? TypedResults.Ok(accepted) : TypedResults.Accepted(Location(context, accepted), accepted);
        }
        catch (ArgumentException e)
        {
            return new Problem(ProblemTypes.InvalidJob, e.Message);
        }
    }

    /// <summary>The address of a job's record; null for an untracked job, which has none.</summary>
    public static string? Location(HttpContext context, JobAccepted job) =>
        job.Tracked ? $"{context.Request.PathBase}/v1/jobs/{job.Id}" : null;

    private static async Task<Ok<JobDocument>> GetAsync(string id, HttpContext context, IJobQueue jobs)
    {
        var jobId = Parameters.RequireJobId(id);
        if (!jobId.IsTracked)
            throw new ProblemException(new Problem(ProblemTypes.JobNotTracked, "Enqueue with \"tracked\": true to read a job later."));
        var job = await jobs.GetJobAsync(jobId, context.RequestAborted)
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
}
