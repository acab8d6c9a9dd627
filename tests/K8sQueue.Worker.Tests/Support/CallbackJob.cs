using K8sQueue.Core.Batches;
using K8sQueue.Core.Jobs;
using K8sQueue.Worker.Handlers;

namespace K8sQueue.Worker.Tests.Support;

/// <summary>A job that the end of a batch enqueued.</summary>
internal static class CallbackJob
{
    public static (JobContext Context, BatchId Batch) Context()
    {
        var batch = BatchId.Create("q", TimeProvider.System);
        return (new JobContext(new JobEnvelope
        {
            Id = JobId.Create("q", tracked: true, TimeProvider.System),
            Type = "t",
            Payload = "{}"u8.ToArray(),
            Retry = RetryPolicy.Default,
            Traits = new JobTraits { CallbackOf = batch },
        }), batch);
    }
}
