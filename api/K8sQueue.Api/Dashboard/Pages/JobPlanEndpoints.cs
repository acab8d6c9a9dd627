using K8sQueue.Api.Audit;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Dashboard.Components;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>What is to be done with all jobs that fit, before it is done.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Action">What.</param>
/// <param name="Search">With which.</param>
/// <param name="After">Where it goes on; empty for the beginning.</param>
/// <param name="Count">How many were found.</param>
/// <param name="IsAll">Whether these are all that fit.</param>
public sealed record JobPlan(string Queue, JobAction Action, JobSearch Search, string After, int Count, bool IsAll)
{
    /// <summary>What is to be done, in a word.</summary>
    public string Word => Action.ToString();

    /// <summary>The list of those jobs.</summary>
    public string List => (Search with { Before = "" }).AddressIn(Queue);
}

/// <summary>
/// Cancel, retry or delete all jobs that fit, after a count. A form does as many as were counted, and leads to the next count where there are more; it may be sent
/// again when a connection broke.
/// </summary>
internal static class JobPlanEndpoints
{
    public static void MapJobPlans(this IEndpointRouteBuilder pages, string address)
    {
        pages.MapGet(address, PlanAsync);
        pages.MapPost(address, ActAsync).Requires(Verb.Manage);
    }

    private static async Task<IResult> PlanAsync(string queue, string? act, string? after, HttpContext context, IJobQueue jobs, TimeProvider time)
    {
        DashboardGuard.Require(context, Verb.Manage, queue);
        var search = JobSearch.From(name => context.Request.Query[name].ToString());

        // What comes while somebody thinks about it was not counted, and so is not meant.
        if (search.Before.Length == 0)
            search = search with { Before = Show.Iso(time.GetUtcNow()) };
        var action = string.IsNullOrEmpty(act) ? Enum.GetValues<JobAction>().First(action => action.Takes(search.State)) : ActionOf(act, search.State);
        var found = await SelectAsync(queue, search.ToFilter(), after, context, jobs);
        return Page.Of<JobPlanPage>(context, new JobPlan(queue, action, search, after ?? "", found.Ids.Count, found.Next is null));
    }

    private static async Task<IResult> ActAsync(string queue, HttpContext context, IJobQueue jobs)
    {
        DashboardGuard.Require(context, Verb.Manage, queue);
        var form = await Forms.ReadAsync(context);
        var search = JobSearch.From(name => form[name].ToString());
        var action = ActionOf(form["act"].ToString(), search.State);
        var filter = search.ToFilter();
        AuditNote.Meant(context, AuditFilter.Of(filter));
        var found = await SelectAsync(queue, filter, form["after"].ToString(), context, jobs);
        var result = await jobs.ActAsync(action, search.State, found.Ids, context.RequestAborted);
        AuditNote.Did(context, result.Done + result.Requested);
        var next = found.Next is null ? (search with { Before = "" }).AddressIn(queue) : $"{Links.Jobs(queue)}/all?act={action}{search.Query}&after={Uri.EscapeDataString(found.Next)}";
        return Results.LocalRedirect(Notices.On(next, $"all-{action}", result.Done + result.Requested, result.Skipped));
    }

    private static Task<JobSelection> SelectAsync(string queue, JobFilter filter, string? after, HttpContext context, IJobQueue jobs) =>
        Parameters.RequirePlaceAsync(
            "after", () => jobs.SelectJobsAsync(queue, filter, string.IsNullOrEmpty(after) ? null : after, ApiLimits.MaxJobActions, context.RequestAborted));

    private static JobAction ActionOf(string text, JobState state) => Enum.TryParse<JobAction>(text, ignoreCase: true, out var action) && action.Takes(state)
        ? action
        : throw new ProblemException(new Problem(ProblemTypes.InvalidParameter, $"That can't be done with jobs that are {JobQuery.NameOf(state)}.") { Field = "act" });
}
