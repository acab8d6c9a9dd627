using K8sQueue.Api.Authentication;
using K8sQueue.Api.Dashboard.Components;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Batches;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>A batch.</summary>
/// <param name="Batch">It, with the jobs of this page.</param>
/// <param name="Offset">How many of its jobs are before them.</param>
public sealed record BatchModel(BatchStatus Batch, int Offset)
{
    public int? Next => Offset + Batch.Jobs.Count < Batch.Total ? Offset + Batch.Jobs.Count : null;
}

/// <summary>The form that finds a batch.</summary>
/// <param name="Id">What was asked for.</param>
public sealed record BatchSearchModel(string? Id);

/// <summary>Find a batch by its id, look at it.</summary>
internal static class BatchEndpoints
{
    public static void MapBatchPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/batches", Find);
        pages.MapGet("/batches/{id}", ShowAsync);
    }

    private static IResult Find(string? id, HttpContext context)
    {
        DashboardGuard.Require(context, Verb.Read, queue: null);
        return BatchId.TryParse(id?.Trim(), out var batch)
            ? Results.LocalRedirect(Links.Batch(batch))
            : Page.Of<BatchSearchPage>(context, new BatchSearchModel(id));
    }

    private static async Task<IResult> ShowAsync(string id, string? offset, HttpContext context, IJobQueue jobs)
    {
        if (!BatchId.TryParse(id, out var batch))
            throw new ProblemException(new Problem(ProblemTypes.InvalidBatchId, "A batch's id is <queue>.<ulid>, as its enqueue answered it."));
        DashboardGuard.Require(context, Verb.Read, batch.Queue);
        var start = Parameters.RequireRange("offset", offset, 0, BatchLimits.MaxJobs, 0);
        var status = await jobs.GetBatchAsync(batch, start, ApiLimits.MaxPageSize, context.RequestAborted)
            ?? throw new ProblemException(new Problem(ProblemTypes.BatchNotFound));
        return Page.Of<BatchPage>(context, new BatchModel(status with { Jobs = [.. status.Jobs.Select(Visible)] }, start));

        // A batch has jobs of any queues: of those that are not theirs to read it has the id and how they stand in it.
        BatchJob Visible(BatchJob job) => DashboardAccess.May(context.User, Verb.Read, job.Id.Queue) ? job : job with { Record = null };
    }
}
