using K8sQueue.Api.Authentication;
using K8sQueue.Api.Dashboard.Login;
using K8sQueue.Core.Audit;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Audit;

/// <summary>Looks through what was done, newest first, for acts of one verb or of all.</summary>
internal static class AuditLook
{
    private const int PageSize = 500;

    /// <summary>The verbs of what is kept.</summary>
    public static readonly IReadOnlyList<string> Verbs = [AccessClaims.Value(Verb.Manage), LoginAudit.Verb];

    /// <param name="audit">The broker's audit log.</param>
    /// <param name="verb">One of <see cref="Verbs"/>; null for all.</param>
    /// <param name="before">Only what was done before that; null for the newest.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="Core.Queues.JobQueueUnavailableException">The broker can't be reached.</exception>
    public static async Task<IReadOnlyList<AuditEntry>> ListAsync(IAuditLog audit, string? verb, JobEventId? before, int count, CancellationToken cancellationToken)
    {
        if (verb is null)
            return await audit.ListAsync(before, count, cancellationToken);
        var found = new List<AuditEntry>();
        while (found.Count < count && await audit.ListAsync(before, PageSize, cancellationToken) is { Count: > 0 } page)
        {
            found.AddRange(page.Where(entry => entry.Act.Verb == verb).Take(count - found.Count));
            before = page[^1].Id;
        }

        return found;
    }
}
