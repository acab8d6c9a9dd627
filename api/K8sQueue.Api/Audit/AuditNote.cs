using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Audit;

/// <summary>What an audited request says of itself that is not in its address. A feature of the request while it is audited.</summary>
internal sealed class AuditNote
{
    /// <summary>The queue, where the body or a route said which.</summary>
    public string? Queue { get; private set; }

    /// <summary>The job or schedule that it made.</summary>
    public string? Subject { get; private set; }

    /// <summary>Which jobs were meant, of an act on many.</summary>
    public string? Filter { get; private set; }

    /// <summary>How many jobs an act on many changed.</summary>
    public int? Changed { get; private set; }

    /// <summary>Whether it changed nothing, as was asked for.</summary>
    public bool IsDryRun { get; private set; }

    /// <summary>Notes that a request changes nothing: then it is not written down.</summary>
    public static void DryRun(HttpContext context)
    {
        if (context.Features.Get<AuditNote>() is { } note)
            note.IsDryRun = true;
    }

    /// <summary>Notes which jobs an act on many means, before it begins: of one that fails on its way that much is known.</summary>
    /// <param name="context">The request.</param>
    /// <param name="filter">By <see cref="AuditFilter"/>.</param>
    public static void Meant(HttpContext context, string filter)
    {
        if (context.Features.Get<AuditNote>() is { } note)
            note.Filter = filter;
    }

    /// <summary>Notes how many jobs an act on many changed.</summary>
    public static void Did(HttpContext context, int changed)
    {
        if (context.Features.Get<AuditNote>() is { } note)
            note.Changed = changed;
    }

    /// <summary>Notes the job that a request made; nothing where the request is not audited.</summary>
    public static void Made(HttpContext context, JobId job) => Made(context, job.Queue, job.Value);

    /// <summary>Notes what a request made; nothing where the request is not audited.</summary>
    /// <param name="context">The request.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="subject">What: well-formed, since it is written into the log.</param>
    public static void Made(HttpContext context, string queue, string subject)
    {
        if (context.Features.Get<AuditNote>() is { } note)
            (note.Queue, note.Subject) = (queue, subject);
    }
}
