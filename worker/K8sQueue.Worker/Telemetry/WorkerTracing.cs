using System.Diagnostics;
using K8sQueue.Core.Jobs;
using K8sQueue.Worker.Handlers;

namespace K8sQueue.Worker.Telemetry;

/// <summary>
/// A span for each attempt, child of the producer's and linked to it, with the names of OpenTelemetry's semantic conventions for messaging
/// (https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/). Where nobody listens it costs nothing.
/// </summary>
public static class WorkerTracing
{
    /// <summary>The name of the <see cref="ActivitySource"/>.</summary>
    public const string SourceName = "K8sQueue.Worker";

    private static readonly ActivitySource Source = new(SourceName);

    internal static Activity? Start(JobEnvelope job, string handler)
    {
        if (!Source.HasListeners())
            return null;
        ActivityLink[]? links = ActivityContext.TryParse(job.TraceParent, traceState: null, isRemote: true, out var producer) ? [new(producer)] : null;
        var activity = Source.StartActivity($"process {job.Id.Queue}", ActivityKind.Consumer, producer, links: links);
        if (activity is not { IsAllDataRequested: true })
            return activity;
        activity.SetTag("messaging.system", "k8squeue");
        activity.SetTag("messaging.operation.type", "process");
        activity.SetTag("messaging.operation.name", "process");
        activity.SetTag("messaging.destination.name", job.Id.Queue);
        activity.SetTag("messaging.message.id", job.Id.Value);
        activity.SetTag("messaging.message.body.size", job.Payload.Length);
        activity.SetTag("k8squeue.job.type", job.Type);
        activity.SetTag("k8squeue.job.attempt", job.Attempt);
        activity.SetTag("k8squeue.job.fencing_token", job.Epoch);
        activity.SetTag("k8squeue.handler", handler);
        return activity;
    }

    internal static void Failed(Activity? activity, Exception exception)
    {
        activity?.SetTag("error.type", exception.GetType().FullName);
        activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
    }

    /// <summary>What is handed on to whom the handler calls: the attempt's span, or the producer's where there is none.</summary>
    internal static string? TraceParent(JobContext context) =>
        Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : context.TraceParent;

    /// <summary>The id of the trace that a job belongs to, where it has one.</summary>
    internal static string? TraceId(JobEnvelope job) => Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity
        ? activity.TraceId.ToHexString()
        : ActivityContext.TryParse(job.TraceParent, traceState: null, out var producer) ? producer.TraceId.ToHexString() : null;
}
