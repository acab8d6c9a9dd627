using K8sQueue.Api.Audit;
using K8sQueue.Api.Authentication;
using K8sQueue.Core.Audit;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>What was done to queues, newest first.</summary>
/// <param name="Verb">Which kind of acts; null for all.</param>
/// <param name="Entries">That of this page.</param>
/// <param name="Next">Before what the next page begins; null on the last one.</param>
public sealed record AuditModel(string? Verb, IReadOnlyList<AuditEntry> Entries, JobEventId? Next);

/// <summary>Look at what was done to queues, and by whom.</summary>
internal static class AuditPages
{
    private const int PageSize = 50;

    public static void MapAuditPages(this IEndpointRouteBuilder pages) => pages.MapGet("/audit", ListAsync);

    private static async Task<IResult> ListAsync(string? verb, string? before, HttpContext context, IJobQueue jobs)
    {
        DashboardGuard.RequireEverywhere(context, Verb.Manage);
        JobEventId? place = JobEventId.TryParse(before, out var id) ? id : null;
        var which = AuditLook.Verbs.FirstOrDefault(known => known == verb);
        var entries = await AuditLook.ListAsync(jobs.Audit, which, place, PageSize + 1, context.RequestAborted);
        var page = entries.Take(PageSize).ToList();
        return Page.Of<AuditPage>(context, new AuditModel(which, page, entries.Count > PageSize ? page[^1].Id : null));
    }
}
