using K8sQueue.Api.Audit;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Contracts;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using Microsoft.AspNetCore.Http.HttpResults;

namespace K8sQueue.Api.Endpoints;

/// <summary>Read what was done, and by whom.</summary>
internal static class AuditEndpoints
{
    public static void MapAudit(this IEndpointRouteBuilder routes) => routes.MapGet("/v1/audit", ListAsync)
        .WithName("ListAudit")
        .Requires(Verb.Manage, Reach.Everywhere)
        .WithSummary("List the management acts and the logins, newest first.")
        .Produces<AuditPage>()
        .ProducesProblems(400, 503);

    private static async Task<Ok<AuditPage>> ListAsync(string? verb, string? after, string? limit, HttpContext context, IJobQueue jobs)
    {
        var size = Parameters.RequireRange("limit", limit, 1, ApiLimits.MaxPageSize, ApiLimits.MaxPageSize);
        if (verb is not null && !AuditLook.Verbs.Contains(verb, StringComparer.Ordinal))
            throw new ProblemException(new Problem(ProblemTypes.InvalidParameter, $"'verb' must be {string.Join(" or ", AuditLook.Verbs)}.") { Field = "verb" });
        JobEventId? before = after is null ? null : JobEventId.TryParse(after, out var id) ? id : throw new ProblemException(
            new Problem(ProblemTypes.InvalidParameter, "'after' must be the 'next' of a page before.") { Field = "after" });

        // One more than asked tells whether there is a next page.
        var entries = await AuditLook.ListAsync(jobs.Audit, verb, before, size + 1, context.RequestAborted);
        var page = entries.Take(size).Select(AuditDocument.From).ToArray();
        return TypedResults.Ok(new AuditPage(page, entries.Count > size ? page[^1].Id : null));
    }
}
