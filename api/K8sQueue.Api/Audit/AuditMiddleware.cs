using System.Diagnostics;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Problems;
using K8sQueue.Core.Audit;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Api.Audit;

/// <summary>
/// Writes down every request that changes something, refused ones too: into the log, and, where it is a management act, into the broker's
/// <see cref="IAuditLog"/>. Enqueues go into the log alone, and only where that is asked for: they are many, and each would wait for another call.
/// </summary>
internal sealed partial class AuditMiddleware(RequestDelegate next, IJobQueue jobs, ILoggerFactory loggers, TimeProvider time)
{
    public const string Category = "K8sQueue.Audit";
    public const string EnqueuesCategory = Category + ".Enqueues";

    /// <summary>How long an answer waits until the broker has its entry.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ILogger _acts = loggers.CreateLogger(Category);
    private readonly ILogger _enqueues = loggers.CreateLogger(EnqueuesCategory);

    public Task InvokeAsync(HttpContext context) =>
        context.GetEndpoint() is RouteEndpoint endpoint && endpoint.Metadata.GetMetadata<AccessRequirement>() is { } required && IsAudited(context, required.Verb)
            ? AuditAsync(context, endpoint, required.Verb)
            : next(context);

    private bool IsAudited(HttpContext context, Verb verb) => verb switch
    {
        Verb.Manage => !HttpMethods.IsGet(context.Request.Method),
        Verb.Enqueue => _enqueues.IsEnabled(LogLevel.Information),
        _ => false,
    };

    private async Task AuditAsync(HttpContext context, RouteEndpoint endpoint, Verb verb)
    {
        var note = new AuditNote();
        context.Features.Set(note);
        int? failed = null;
        try
        {
            await next(context);
        }
        catch (Exception e)
        {
            failed = context.RequestAborted.IsCancellationRequested
                ? StatusCodes.Status499ClientClosedRequest
                : ProblemExceptionHandler.From(e).Type.Status;
            throw;
        }
        finally
        {
            if (!note.IsDryRun)
                await RecordAsync(verb, Describe(context, endpoint, verb, note, failed ?? context.Response.StatusCode));
        }
    }

    // Of the address only what is well-formed: nobody writes lines of his own into the log.
    private static AuditAct Describe(HttpContext context, RouteEndpoint endpoint, Verb verb, AuditNote note, int status)
    {
        var values = context.Request.RouteValues;
        JobId? job = JobId.TryParse(values.GetValueOrDefault("id") as string, out var id) ? id : null;
        return new AuditAct
        {
            Key = context.User.Identity?.Name ?? "",
            Verb = AccessClaims.Value(verb),
            Method = context.Request.Method,
            Route = endpoint.RoutePattern.RawText ?? "",
            Queue = values.GetValueOrDefault("queue") is string queue && QueueName.IsValid(queue) ? queue : job?.Queue ?? note.Queue,
            Subject = job?.Value ?? (values.GetValueOrDefault("name") is string name && ScheduleLimits.IsName(name) ? name : note.Subject),
            Filter = note.Filter,
            Changed = note.Changed,
            Status = status,
            TraceId = Activity.Current?.TraceId.ToString(),
        };
    }

    private async Task RecordAsync(Verb verb, AuditAct act)
    {
        Log.Done(
            verb == Verb.Enqueue ? _enqueues : _acts, act.Key, act.Verb, act.Method, act.Route, act.Queue, act.Subject, act.Filter, act.Changed, act.Status,
            act.TraceId);

        // Where the broker could not do it, it can't write it down either, and the client has waited already.
        if (verb == Verb.Enqueue || act.Status is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status507InsufficientStorage)
            return;
        try
        {
            await jobs.Audit.AddAsync(act, CancellationToken.None).AsTask().WaitAsync(Patience, time);
        }
        catch (Exception e)
        {
            // What was done is done, and the log has it.
            Log.NotKept(_acts, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Key} {Verb} {Method} {Route} queue={Queue} subject={Subject} filter={Filter} changed={Changed} status={Status} trace={TraceId}")]
        public static partial void Done(
            ILogger logger, string key, string verb, string method, string route, string? queue, string? subject, string? filter, int? changed, int status,
            string? traceId);

        [LoggerMessage(2, LogLevel.Warning, "The broker did not take the last act into its audit log: {Reason}")]
        public static partial void NotKept(ILogger logger, string reason);
    }
}
