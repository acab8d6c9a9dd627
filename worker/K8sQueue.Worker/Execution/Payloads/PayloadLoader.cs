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
    private readonly bool _collects = options.Value.CollectsAfterPayloads;
    private readonly long _capacity = options.Value.PayloadMemoryMiB * 1024L * 1024;
    private readonly ByteGate _memory = new(options.Value.PayloadMemoryMiB * 1024L * 1024);
    private long _loaded;

    /// <summary>Collects garbage; tests count it.</summary>
    public Action Collect { get; init; } = static () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);

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
            CollectIfMuch(job.Lease.Job.BytesToLoad);
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

    // The collector lets large arrays that nobody needs pile up to a budget of its own, which is far above this one.
    private void CollectIfMuch(long bytes)
    {
        if (!_collects || Interlocked.Add(ref _loaded, bytes) < _capacity)
            return;
        Interlocked.Exchange(ref _loaded, 0);
        Collect();
    }
}
