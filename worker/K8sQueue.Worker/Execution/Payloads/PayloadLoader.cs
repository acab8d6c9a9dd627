using K8sQueue.Core.Queues;
using K8sQueue.Worker.Hosting;
using Microsoft.Extensions.Options;

namespace K8sQueue.Worker.Execution.Payloads;

/// <summary>
/// Brings the large payloads that are not fetched with their jobs, no more of them at a time than
/// <see cref="WorkerOptions.PayloadMemoryMiB"/> allows: many jobs that start at once would otherwise fill the memory.
/// </summary>
internal sealed class PayloadLoader(IOptions<WorkerOptions> options)
{
    private readonly ByteGate _memory = new(options.Value.PayloadMemoryMiB * 1024L * 1024);

    /// <summary>Brings the payload of a job where it has to be brought. Dispose what it returns when the payload is not needed any more.</summary>
    /// <exception cref="JobPayloadException">The payload is gone or damaged.</exception>
    /// <exception cref="PayloadUnavailableException">The broker does not give it now.</exception>
    /// <exception cref="OperationCanceledException">The job was stopped before.</exception>
    public async ValueTask<IDisposable?> LoadAsync(IJobConsumer consumer, RunningJob job)
    {
        if (job.Job.IsPayloadLoaded)
            return null;
        job.Wait();
        var hold = await _memory.EnterAsync(job.Job.BytesToLoad, job.Stopping).ConfigureAwait(false);
        try
        {
            job.Load(await consumer.LoadAsync(job.Lease, job.Stopping).ConfigureAwait(false));
            return hold;
        }
        catch (Exception e)
        {
            hold.Dispose();
            if (e is JobQueueUnavailableException)
                throw new PayloadUnavailableException(e.Message, e);
            throw;
        }
    }
}
