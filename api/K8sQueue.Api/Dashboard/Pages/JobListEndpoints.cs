using K8sQueue.Api.Authentication;
using K8sQueue.Api.Dashboard.Components;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>Jobs of a queue in one state.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Search">Which.</param>
/// <param name="Jobs">Them.</param>
/// <param name="Next">Where the next page begins; null on the last one.</param>
public sealed record JobListModel(string Queue, JobSearch Search, IReadOnlyList<JobSnapshot> Jobs, string? Next)
{
    /// <summary>What can be done with jobs of this state.</summary>
    public IEnumerable<JobAction> Actions => Enum.GetValues<JobAction>().Where(action => action.Takes(Search.State));

    /// <summary>The list's address.</summary>
    public string Address => Search.AddressIn(Queue);
}

/// <summary>Look through a queue's jobs by state, type and tag; cancel the selected.</summary>
internal static class JobListEndpoints
{
    private const string Address = "/queues/{queue}/jobs";
    private const int PageSize = 50;

    public static void MapJobLists(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Address, ListAsync);
        pages.MapPost(Address + "/cancel", CancelAsync).Requires(Verb.Manage);
        pages.MapJobPlans(Address + "/all");
    }

    private static async Task<IResult> ListAsync(string queue, string? after, HttpContext context, IJobQueue jobs)
    {
        DashboardGuard.Require(context, Verb.Read, queue);
        var search = JobSearch.From(name => context.Request.Query[name].ToString());
        var filter = search.ToFilter();
        var page = await Parameters.RequirePlaceAsync(
            "after", () => jobs.FindJobsAsync(queue, filter, string.IsNullOrEmpty(after) ? null : after, PageSize, context.RequestAborted).AsTask());
        return Page.Of<JobListPage>(context, new JobListModel(queue, search, page.Jobs, page.Next));
    }

    private static async Task<IResult> CancelAsync(string queue, HttpContext context, IJobQueue jobs)
    {
        DashboardGuard.Require(context, Verb.Manage, queue);
        var form = await Forms.ReadAsync(context);
        var cancelled = 0;
        foreach (var text in form["id"].OfType<string>().Distinct().Take(PageSize))
        {
            var id = Parameters.RequireJobId(text);
            if (id.Queue == queue && await jobs.CancelAsync(id, context.RequestAborted) != CancelOutcome.NotFound)
                cancelled++;
        }

        return Results.LocalRedirect(Notices.On(Links.Jobs(queue), "jobs-cancelled", cancelled));
    }
}
