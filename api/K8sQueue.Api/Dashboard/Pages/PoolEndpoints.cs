using K8sQueue.Api.Authentication;
using K8sQueue.Api.Cluster;
using K8sQueue.Api.Cluster.Resources;
using K8sQueue.Api.Dashboard.Charts;
using K8sQueue.Api.Hosting;
using K8sQueue.Api.Telemetry;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Trends;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>WorkerPools as the operator sees them.</summary>
internal static class PoolEndpoints
{
    public static void MapPoolPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/pools", ListAsync);
        pages.MapGet("/pools/{namespace}/{name}", ShowAsync);
    }

    private static async Task<IResult> ListAsync(string? after, HttpContext context, ClusterReader cluster)
    {
        DashboardGuard.RequireEverywhere(context, Verb.Read);
        return Page.Of<PoolsPage>(context, await ClusterFaults.ShowAsync(
            async () =>
            {
                var pools = await cluster.ListPoolsAsync(context.RequestAborted);
                var (page, next) = ClusterPaging.Page(pools, @namespace: null, string.IsNullOrEmpty(after) ? null : after, limit: null);
                return new PoolsModel { Pools = [.. page.Select(PoolDocument.From)], Total = PoolSum.Of([.. pools.Select(PoolDocument.From)]), Next = next };
            },
            fault => new PoolsModel { Fault = fault }));
    }

    private static async Task<IResult> ShowAsync(
        string @namespace, string name, string? span, HttpContext context, ClusterReader cluster, IJobQueue jobs, PoolTrends pools, QueueTrends queues, QueueMetrics metrics,
        TimeProvider time)
    {
        DashboardGuard.RequireEverywhere(context, Verb.Read);
        var id = ClusterParameters.RequireName(@namespace, name);
        var model = new PoolModel { Namespace = @namespace, Name = name, Span = TrendSpan.Of(span), Since = pools.Since };
        return Page.Of<PoolPage>(context, await ClusterFaults.ShowAsync(
            async () =>
            {
                var pool = await cluster.RequirePoolAsync(id, context.RequestAborted);
                return model with
                {
                    Pool = PoolDocument.From(pool),
                    Pods = await cluster.ReadPodsAsync(pool, jobs, context.RequestAborted),
                    Queues = CountsOf(pool, metrics),
                    Chart = await ChartOfAsync(pool, model.Span, pools, queues, time.GetUtcNow(), context.RequestAborted),
                };
            },
            fault => model with { Fault = fault }));
    }

    private static Dictionary<string, QueueStatistics> CountsOf(WorkerPoolResource pool, QueueMetrics metrics)
    {
        var names = pool.NativeQueues().ToHashSet(StringComparer.Ordinal);
        return metrics.Queues.Where(queue => names.Contains(queue.Queue)).ToDictionary(queue => queue.Queue, StringComparer.Ordinal);
    }

    private static async Task<Chart> ChartOfAsync(
        WorkerPoolResource pool, TrendSpan span, PoolTrends pools, QueueTrends queues, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var points = await ParallelReads.OfAsync(pool.NativeQueues().ToList(), 8, (queue, token) => queues.OfAsync(queue, span, token), cancellationToken);
        return TrendCharts.Replicas(pools.Of(pool, span), [.. points.Where(known => known.Any(point => point is not null))], span, now);
    }
}
