using K8sQueue.Api.Authentication;
using K8sQueue.Api.Contracts;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Queues;
using Microsoft.AspNetCore.Mvc;

namespace K8sQueue.Api.Endpoints;

/// <summary>Enqueue many jobs in one request: a JSON array, or one job a line (NDJSON).</summary>
internal static class BulkEndpoints
{
    public static void MapBulk(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/queues/{queue}/jobs/bulk", EnqueueAsync)
            .WithName("EnqueueJobs")
            .Requires(Verb.Enqueue)
            .WithSummary("Enqueue many jobs; each has a result of its own.")
            .WithMetadata(new DisableRequestSizeLimitAttribute())
            .Accepts<IReadOnlyList<EnqueueJob>>(ContentTypes.Json, ContentTypes.NdJson)
            .Produces<BulkDocument>()
            .ProducesProblems(400, 413, 415, 503, 507);
    }

    private static async Task<IResult> EnqueueAsync(string queue, HttpContext context, IJobQueue jobs)
    {
        Parameters.RequireQueue(queue);
        IdempotencyKey.Refuse(context.Request);
        var limit = PayloadLimit.Of(context);
        JobSplitter splitter = ContentTypes.Require(context.Request, ContentTypes.NdJson, ContentTypes.Json) == ContentTypes.NdJson
            ? new LineSplitter(limit)
            : new ArraySplitter(limit);
        var results = new BulkResults();
        context.Response.RegisterForDispose(results);
        var bulk = new BulkEnqueue(jobs, queue, TraceParents.From(context.Request), limit, results);
        try
        {
            await bulk.RunAsync(context.Request.BodyReader, splitter, context.RequestAborted);
            return results.ToAnswer(problem: null);
        }
        catch (Exception e) when (ProblemExceptionHandler.From(e) is var problem && problem.Type != ProblemTypes.InternalError
            && !context.RequestAborted.IsCancellationRequested)
        {
            // What was accepted stays accepted, so the answer lists it, whatever ended the rest.
            return results.ToAnswer(problem);
        }
    }
}
