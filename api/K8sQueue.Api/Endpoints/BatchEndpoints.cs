using System.Buffers;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Contracts;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Batches;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using Microsoft.AspNetCore.Http.HttpResults;

namespace K8sQueue.Api.Endpoints;

/// <summary>Enqueue batches and flows, read a batch.</summary>
internal static class BatchEndpoints
{
    public static void MapBatches(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/batches", EnqueueAsync)
            .WithName("EnqueueBatch")
            .Requires(Verb.Enqueue, Reach.Body)
            .WithSummary("Enqueue jobs, and others when they have ended.")
            .Accepts<EnqueueBatch>(ContentTypes.Json)
            .Produces<BatchAccepted>(StatusCodes.Status202Accepted)
            .ProducesProblems(400, 413, 415, 503, 507);
        routes.MapGet("/v1/batches/{id}", GetAsync)
            .WithName("GetBatch")
            .Requires(Verb.Read)
            .WithSummary("Read a batch: how many of its jobs have ended, and what tracked ones answered.")
            .Produces<BatchDocument>()
            .ProducesProblems(400, 404, 503);
        routes.MapPost("/v1/flows", EnqueueFlowAsync)
            .WithName("EnqueueFlow")
            .Requires(Verb.Enqueue, Reach.Body)
            .WithSummary("Enqueue a job that runs after others, which may run after others again.")
            .Accepts<EnqueueFlow>(ContentTypes.Json)
            .Produces<FlowAccepted>(StatusCodes.Status202Accepted)
            .ProducesProblems(400, 413, 415, 503, 507);
    }

    private static async Task<Accepted<BatchAccepted>> EnqueueAsync(HttpContext context, IJobQueue jobs, JobRoutes routes)
    {
        var request = await ReadAsync(context, routes, (reader, json) => reader.ReadBatch(json));
        RequireQueues(context, [.. request.Jobs, request.OnComplete, request.OnSuccess]);
        var batch = BatchAccepted.From(await CheckedAsync(() => jobs.EnqueueBatchAsync(request, context.RequestAborted)));
        return TypedResults.Accepted($"{context.Request.PathBase}/v1/batches/{batch.Id}", batch);
    }

    private static async Task<Accepted<FlowAccepted>> EnqueueFlowAsync(HttpContext context, IJobQueue jobs, JobRoutes routes)
    {
        var request = await ReadAsync(context, routes, (reader, json) => reader.ReadFlow(json));
        RequireQueues(context, JobsOf(request));
        var flow = FlowAccepted.From(await CheckedAsync(() => jobs.EnqueueFlowAsync(request, context.RequestAborted)));
        return TypedResults.Accepted(flow.Batch is { } batch ? $"{context.Request.PathBase}/v1/batches/{batch}" : null, flow);
    }

    private static async Task<Ok<BatchDocument>> GetAsync(string id, string? offset, string? limit, HttpContext context, IJobQueue jobs)
    {
        if (!BatchId.TryParse(id, out var batchId))
            throw new ProblemException(new Problem(ProblemTypes.InvalidBatchId, "A batch's id is <queue>.<ulid>, as its enqueue answered it.") { Field = "id" });
        var start = Parameters.RequireRange("offset", offset, 0, BatchLimits.MaxJobs, 0);
        var size = Parameters.RequireRange("limit", limit, 1, ApiLimits.MaxPageSize, ApiLimits.MaxPageSize);
        var batch = await jobs.GetBatchAsync(batchId, start, size, context.RequestAborted)
            ?? throw new ProblemException(new Problem(ProblemTypes.BatchNotFound));
        return TypedResults.Ok(BatchDocument.From(batch, start, queue => Access.May(context.User, Verb.Read, queue)));
    }

    private static void RequireQueues(HttpContext context, IEnumerable<JobRequest?> jobs)
    {
        foreach (var queue in jobs.OfType<JobRequest>().Select(job => job.Queue).Distinct(StringComparer.Ordinal))
            Access.Require(context.User, Verb.Enqueue, queue);
    }

    private static IEnumerable<JobRequest> JobsOf(FlowRequest flow) => flow.Children.SelectMany(JobsOf).Prepend(flow.Job);

    private static ValueTask<T> ReadAsync<T>(HttpContext context, JobRoutes routes, Func<BatchReader, byte[], T> read)
    {
        IdempotencyKey.Refuse(context.Request);
        ContentTypes.Require(context.Request, ContentTypes.Json);
        var limit = PayloadLimit.Of(context);
        var reader = new BatchReader(routes, TraceParents.From(context.Request), limit);
        return JobBody.ReadAsync(
            context.Request,
            limit.BatchBytes,
            () => new ProblemException(new Problem(ProblemTypes.TooLarge, $"A batch or a flow may have {limit.BatchBytes} bytes: enqueue it in parts.")),
            json => read(reader, json.ToArray()));
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
            throw new ProblemException(new Problem(ProblemTypes.InvalidBatch, e.Message));
        }
    }
}
