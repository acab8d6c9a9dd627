using K8sQueue.Api.Authentication;
using K8sQueue.Api.Endpoints;
using K8sQueue.Core.Queues;
using Microsoft.AspNetCore.Http.HttpResults;

namespace K8sQueue.Api.Cluster;

/// <summary>WorkerPools and ConnectionBudgets as the cluster has them, to read.</summary>
internal static class ClusterEndpoints
{
    public static void MapCluster(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/pools", ListPoolsAsync)
            .WithName("ListPools")
            .WithSummary("List the WorkerPools with their replicas and conditions, by namespace and name.")
            .Requires(Verb.Read, Reach.Everywhere)
            .Produces<PoolPage>()
            .ProducesProblems(400, 404, 503);
        routes.MapGet("/v1/pools/{namespace}/{name}", GetPoolAsync)
            .WithName("GetPool")
            .WithSummary("Read a WorkerPool.")
            .Requires(Verb.Read, Reach.Everywhere)
            .Produces<PoolDocument>()
            .ProducesProblems(400, 404, 503);
        routes.MapGet("/v1/pools/{namespace}/{name}/pods", ListPodsAsync)
            .WithName("ListPoolPods")
            .WithSummary("List the pods of a WorkerPool, by name.")
            .Requires(Verb.Read, Reach.Everywhere)
            .Produces<PodList>()
            .ProducesProblems(400, 404, 503);
        routes.MapGet("/v1/budgets", ListBudgetsAsync)
            .WithName("ListBudgets")
            .WithSummary("List the ConnectionBudgets with what each pool has of them, by namespace and name.")
            .Requires(Verb.Read, Reach.Everywhere)
            .Produces<BudgetPage>()
            .ProducesProblems(400, 404, 503);
        routes.MapGet("/v1/budgets/{namespace}/{name}", GetBudgetAsync)
            .WithName("GetBudget")
            .WithSummary("Read a ConnectionBudget and which pods hold what of it.")
            .Requires(Verb.Read, Reach.Everywhere)
            .Produces<BudgetDocument>()
            .ProducesProblems(400, 404, 503);
    }

    private static async Task<Ok<PoolPage>> ListPoolsAsync(string? @namespace, string? after, string? limit, HttpContext context, ClusterReader cluster)
    {
        var (page, next) = ClusterPaging.Page(await cluster.ListPoolsAsync(context.RequestAborted), @namespace, after, limit);
        return TypedResults.Ok(new PoolPage([.. page.Select(PoolDocument.From)], next));
    }

    private static async Task<Ok<PoolDocument>> GetPoolAsync(string @namespace, string name, HttpContext context, ClusterReader cluster) =>
        TypedResults.Ok(PoolDocument.From(await cluster.RequirePoolAsync(ClusterParameters.RequireName(@namespace, name), context.RequestAborted)));

    private static async Task<Ok<PodList>> ListPodsAsync(string @namespace, string name, HttpContext context, ClusterReader cluster, IJobQueue jobs)
    {
        var pool = await cluster.RequirePoolAsync(ClusterParameters.RequireName(@namespace, name), context.RequestAborted);
        return TypedResults.Ok(new PodList(await cluster.ReadPodsAsync(pool, jobs, context.RequestAborted)));
    }

    private static async Task<Ok<BudgetPage>> ListBudgetsAsync(string? @namespace, string? after, string? limit, HttpContext context, ClusterReader cluster)
    {
        var (page, next) = ClusterPaging.Page(await cluster.ListBudgetsAsync(context.RequestAborted), @namespace, after, limit);
        return TypedResults.Ok(new BudgetPage([.. page.Select(budget => BudgetDocument.From(budget))], next));
    }

    private static async Task<Ok<BudgetDocument>> GetBudgetAsync(string @namespace, string name, HttpContext context, ClusterReader cluster) => TypedResults.Ok(
        BudgetDocument.From(await cluster.RequireBudgetAsync(ClusterParameters.RequireName(@namespace, name), context.RequestAborted), withHolders: true));
}
