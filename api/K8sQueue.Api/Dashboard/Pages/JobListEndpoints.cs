using K8sQueue.Api.Authentication;
using K8sQueue.Api.Dashboard.Components;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>Jobs of a queue in one state.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Filter">Which.</param>
/// <param name="Jobs">Them.</param>
/// <param name="Next">Where the next page begins; null on the last one.</param>
public sealed record JobListModel(string Queue, JobFilter Filter, IReadOnlyList<JobSnapshot> Jobs, string? Next)
{
    /// <summary>Whether jobs of this state can be cancelled.</summary>
    public bool IsOpen => Filter.State is JobState.Waiting or JobState.Parked or JobState.Delayed or JobState.Running;

    /// <summary>The list's address.</summary>
    public string Address =>
        $"{Links.Jobs(Queue)}?state={Filter.State}&type={Uri.EscapeDataString(Filter.Type ?? "")}&tag={Uri.EscapeDataString(Filter.Tag ?? "")}";
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
    }

    private static async Task<IResult> ListAsync(string queue, string? state, string? type, string? tag, string? after, HttpContext context, IJobQueue jobs)
    {
        DashboardGuard.Require(context, Verb.Read, queue);
        var filter = new JobFilter(Enum.TryParse<JobState>(state, ignoreCase: true, out var wanted) && Enum.IsDefined(wanted) ? wanted : JobState.Waiting)
        {
            Type = string.IsNullOrWhiteSpace(type) ? null : type.Trim(),
            Tag = string.IsNullOrWhiteSpace(tag) ? null : tag.Trim(),
        };
        try
        {
            var page = await jobs.FindJobsAsync(queue, filter, string.IsNullOrEmpty(after) ? null : after, PageSize, context.RequestAborted);
            return Page.Of<JobListPage>(context, new JobListModel(queue, filter, page.Jobs, page.Next));
        }
        catch (ArgumentException e)
        {
            throw new ProblemException(new Problem(ProblemTypes.InvalidParameter, e.Message) { Field = "after" });
        }
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
