using K8sQueue.Core.Jobs;
using K8sQueue.Core.Schedules;
using K8sQueue.Worker.Handlers;

namespace K8sQueue.Worker.Tests.Support;

/// <summary>A job that a schedule enqueued.</summary>
internal static class ScheduledJob
{
    public static JobContext Context(DateTimeOffset due) => new(new JobEnvelope
    {
        Id = JobId.Create("q", tracked: true, TimeProvider.System),
        Type = "t",
        Payload = "{}"u8.ToArray(),
        Retry = RetryPolicy.Default,
        Traits = new JobTraits { ScheduledRun = new ScheduledRun("nightly", due) },
    });
}
