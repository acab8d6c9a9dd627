using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Audit;

/// <summary>What an audited request says of itself that is not in its address. A feature of the request while it is audited.</summary>
internal sealed class AuditNote
{
    /// <summary>The queue, where the body or a route said which.</summary>
    public string? Queue { get; private set; }

    /// <summary>The job that it made.</summary>
    public string? Subject { get; private set; }

    /// <summary>Notes the job that a request made; nothing where the request is not audited.</summary>
    public static void Made(HttpContext context, JobId job)
    {
        if (context.Features.Get<AuditNote>() is { } note)
            (note.Queue, note.Subject) = (job.Queue, job.Value);
    }
}
