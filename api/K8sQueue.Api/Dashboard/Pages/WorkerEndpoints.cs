using K8sQueue.Api.Authentication;
using K8sQueue.Api.Cluster;
using K8sQueue.Api.Hosting;
using K8sQueue.Api.Telemetry;
using K8sQueue.Api.Workers;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>Who consumes the queues, what each runs, and how its pod fares.</summary>
internal static class WorkerEndpoints
{
    /// <summary>How many queues a page has the workers of.</summary>
    public const int PageSize = 25;

    private const int MaxJobsPerQueue = 50;
    private const int Concurrency = 8;

    public static void MapWorkerPages(this IEndpointRouteBuilder pages) => pages.MapGet("/workers", ListAsync);

    private static async Task<IResult> ListAsync(string? queue, string? after, HttpContext context, IJobQueue jobs, QueueMetrics metrics, ClusterReader cluster)
    {
        var only = string.IsNullOrEmpty(queue) ? null : queue;
        DashboardGuard.Require(context, Verb.Read, only);
        var page = only is null
            ? await WorkerReader.ReadPageAsync(jobs, context.User, string.IsNullOrEmpty(after) ? null : after, PageSize, context.RequestAborted)
            : new WorkerPage(await WorkerReader.ReadAsync(jobs, only, context.RequestAborted), Next: null);
        var queues = page.Workers.Select(worker => worker.Queue).ToHashSet(StringComparer.Ordinal);
        var pods = WorkerPods.ReadAsync(context, cluster, queues);
        var running = await ReadRunningAsync(jobs, page.Workers, context.RequestAborted);
        var (known, fault) = await pods;
        return Page.Of<WorkersPage>(context, new WorkersModel
        {
            Queue = only,
            Workers = WorkerRows.Of(page.Workers, running, known),
            Slots = SlotsOf(metrics, queues),
            Fault = fault,
            Next = page.Next,
        });
    }

    private static async Task<IEnumerable<JobSnapshot>> ReadRunningAsync(IJobQueue jobs, IReadOnlyList<WorkerDocument> workers, CancellationToken cancellationToken)
    {
        var busy = workers.Where(worker => worker.InFlight > 0).Select(worker => worker.Queue).Distinct(StringComparer.Ordinal).ToList();
        var found = await ParallelReads.OfAsync(
            busy, Concurrency, (name, token) => jobs.FindJobsAsync(name, new JobFilter(JobState.Running), after: null, MaxJobsPerQueue, token), cancellationToken);
        return found.SelectMany(page => page.Jobs);
    }

    private static (double InUse, double All)? SlotsOf(QueueMetrics metrics, HashSet<string> queues)
    {
        var known = metrics.Capacities.Where(entry => queues.Contains(entry.Queue)).Select(entry => entry.Capacity).Where(one => one.Slots is not null).ToList();
        return known.Count == 0 ? null : (known.Sum(one => one.SlotsInUse ?? 0), known.Sum(one => one.Slots ?? 0));
    }
}
