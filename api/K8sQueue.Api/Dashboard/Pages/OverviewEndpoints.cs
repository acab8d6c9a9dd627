using K8sQueue.Api.Authentication;
using K8sQueue.Api.Dashboard.Charts;
using K8sQueue.Api.Dashboard.Components;
using K8sQueue.Api.Hosting;
using K8sQueue.Api.Telemetry;
using K8sQueue.Core.Batches;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Trends;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>The first page, and the search.</summary>
internal static class OverviewEndpoints
{
    /// <summary>How many queues a page has.</summary>
    public const int PageSize = 50;

    public static void MapOverview(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/", ShowAsync);
        pages.MapGet("/find", Find).WithMetadata(new ForWhoeverIsLoggedIn());
    }

    private static async Task<IResult> ShowAsync(
        string? after, string? search, string? span, HttpContext context, IJobQueue jobs, QueueMetrics metrics, QueueTrends trends, TimeProvider time)
    {
        DashboardGuard.Require(context, Verb.Read, queue: null);
        var names = await jobs.ListQueuesAsync(context.RequestAborted);
        var found = names
            .Where(name => DashboardAccess.May(context.User, Verb.Read, name))
            .Where(name => string.IsNullOrEmpty(search) || name.Contains(search, StringComparison.OrdinalIgnoreCase))
            .Where(name => string.IsNullOrEmpty(after) || string.CompareOrdinal(name, after) > 0)
            .Order(StringComparer.Ordinal)
            .Take(PageSize + 1)
            .ToList();
        var page = await ParallelReads.OfAsync(found.Take(PageSize).ToList(), 8, jobs.GetStatisticsAsync, context.RequestAborted);
        var capacities = metrics.Capacities.ToDictionary(entry => entry.Queue, entry => entry.Capacity, StringComparer.Ordinal);
        var wanted = TrendSpan.Of(span);
        var hours = await ParallelReads.OfAsync(page, 8, (queue, token) => trends.OfAsync(queue.Queue, TrendSpan.Hour, token), context.RequestAborted);
        IReadOnlyList<Chart> charts = Access.May(context.User, Verb.Read, queue: null)
            ?
            [
                .. TrendCharts.Of(await trends.OfAsync(queue: null, wanted, context.RequestAborted), wanted, time.GetUtcNow()),
                TrendCharts.Waits(await jobs.Trends.ReadWaitsAsync(queue: null, wanted, context.RequestAborted), wanted, time.GetUtcNow()),
            ]
            : [];
        var model = new OverviewModel(
            [.. page.Zip(hours, (queue, hour) => new QueueRow(
                queue, capacities.GetValueOrDefault(queue.Queue), TrendCharts.Line("Completed a minute", "second", hour, point => point.Completed)))],
            QueueSum.Of(Sampled(names, page, metrics, context)),
            charts,
            wanted,
            string.IsNullOrEmpty(search) ? null : search,
            found.Count > PageSize ? found[PageSize - 1] : null);
        return Page.Of<OverviewPage>(context, model);
    }

    // Where the page has all queues, what it has is younger than the sample.
    private static QueueStatistics[] Sampled(IReadOnlyList<string> names, QueueStatistics[] page, QueueMetrics metrics, HttpContext context) =>
        page.Length >= names.Count || metrics.Queues.Count == 0
            ? page
            : [.. metrics.Queues.Where(queue => DashboardAccess.May(context.User, Verb.Read, queue.Queue))];

    /// <summary>Leads to what has this name or id: a job and a batch look alike, so a batch is asked for as <c>batch ID</c>.</summary>
    private static IResult Find(string? q)
    {
        var text = q?.Trim() ?? "";
        if (text.StartsWith("batch ", StringComparison.OrdinalIgnoreCase) && BatchId.TryParse(text[6..].Trim(), out var batch))
            return Results.LocalRedirect(Links.Batch(batch));
        if (JobId.TryParse(text, out var job))
            return Results.LocalRedirect(Links.Job(job));
        return Results.LocalRedirect(QueueName.IsValid(text) ? Links.Queue(text) : $"/?search={Uri.EscapeDataString(text)}");
    }
}
