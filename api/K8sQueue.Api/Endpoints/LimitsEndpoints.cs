using K8sQueue.Api.Authentication;
using K8sQueue.Api.Contracts;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Queues;
using Microsoft.AspNetCore.Http.HttpResults;

namespace K8sQueue.Api.Endpoints;

/// <summary>Read, set and take away what bounds the starts of a queue's jobs.</summary>
internal static class LimitsEndpoints
{
    private const string Address = "/v1/queues/{queue}/limits";

    public static void MapLimits(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Address, GetAsync)
            .WithName("GetLimits")
            .Requires(Verb.Read)
            .WithSummary("Read what bounds the starts of a queue's jobs, over all workers.")
            .Produces<LimitsDocument>()
            .ProducesProblems(400, 503);
        routes.MapPut(Address, PutAsync)
            .WithName("SetLimits")
            .Requires(Verb.Manage)
            .WithSummary("Bound the starts of a queue's jobs, over all workers, in place of what bounded them.")
            .Accepts<LimitsDocument>(ContentTypes.Json)
            .Produces<LimitsDocument>()
            .ProducesProblems(400, 413, 415, 503);
        routes.MapDelete(Address, DeleteAsync)
            .WithName("DeleteLimits")
            .Requires(Verb.Manage)
            .WithSummary("Take the bounds away.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(400, 503);
    }

    private static async Task<Ok<LimitsDocument>> GetAsync(string queue, HttpContext context, IJobQueue jobs)
    {
        Parameters.RequireQueue(queue);
        return TypedResults.Ok(LimitsDocument.From(await jobs.GetLimitsAsync(queue, context.RequestAborted)));
    }

    private static async Task<Ok<LimitsDocument>> PutAsync(string queue, HttpContext context, IJobQueue jobs)
    {
        Parameters.RequireQueue(queue);
        var limits = await LimitsReader.ReadAsync(context.Request);
        await jobs.SetLimitsAsync(queue, limits, context.RequestAborted);
        return TypedResults.Ok(LimitsDocument.From(limits));
    }

    private static async Task<NoContent> DeleteAsync(string queue, HttpContext context, IJobQueue jobs)
    {
        Parameters.RequireQueue(queue);
        await jobs.SetLimitsAsync(queue, QueueLimits.None, context.RequestAborted);
        return TypedResults.NoContent();
    }
}
