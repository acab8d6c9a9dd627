using System.Buffers;
using System.IO.Pipelines;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Endpoints;

/// <summary>
/// Enqueues a stream of jobs in batches as they arrive. While a batch is on its way to the broker nothing is read, so the producer is
/// slowed to the broker's pace and memory stays bounded.
/// </summary>
internal sealed class BulkEnqueue(IJobQueue jobs, string queue, string? traceParent, PayloadLimit limit, BulkResults results)
{
    private readonly List<JobRequest> _batch = [];
    private readonly List<int> _indexes = [];
    private int _batchBytes;
    private int _next;

    /// <exception cref="ProblemException">The body as a whole is broken, or holds too many jobs.</exception>
    public async Task RunAsync(PipeReader body, JobSplitter splitter, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            try
            {
                while (splitter.TryCut(ref buffer, read.IsCompleted, out var json))
                {
                    Take(json);
                    if (_batch.Count >= ApiLimits.BulkBatchJobs || _batchBytes >= ApiLimits.BulkBatchBytes)
                        await FlushAsync(cancellationToken);
                }
            }
            finally
            {
                try
                {
                    // Also where the body broke off: the jobs before that are good, and their results are in the answer.
                    await FlushAsync(cancellationToken);
                }
                finally
                {
                    // Also where the broker failed: the server can't read the rest otherwise, which it does behind the answer.
                    body.AdvanceTo(buffer.Start, buffer.End);
                }
            }

            if (read.IsCompleted)
                return;
        }
    }

    private void Take(in ReadOnlySequence<byte>? json)
    {
        var index = _next++;
        if (index == ApiLimits.MaxBulkJobs)
        {
            throw new ProblemException(new Problem(
                ProblemTypes.TooLarge, $"One request may hold {ApiLimits.MaxBulkJobs} jobs; send the rest in another."));
        }

        try
        {
            if (json is null)
                throw JobBody.TooLarge(limit);
            var job = JobBody.Parse(json.Value, queue, traceParent, limit);
            _batch.Add(job);
            _indexes.Add(index);
            _batchBytes += job.Payload.Length;
        }
        catch (ProblemException e)
        {
            results.Reject(index, e.Problem);
        }
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_batch.Count == 0)
            return;
        try
        {
            var accepted = await jobs.EnqueueAsync(_batch.ToArray(), cancellationToken);
            for (var i = 0; i < accepted.Count; i++)
                results.Accept(_indexes[i], accepted[i]);
        }
        catch (ArgumentException e)
        {
            RejectBatch(new Problem(ProblemTypes.InvalidJob, e.Message));
        }
        catch (Exception e) when (e is JobQueueUnavailableException or JobQueueFullException or JobQueueConfigurationException)
        {
            RejectBatch(ProblemExceptionHandler.From(e));
            throw;
        }
        finally
        {
            _batch.Clear();
            _indexes.Clear();
            _batchBytes = 0;
        }
    }

    private void RejectBatch(Problem problem)
    {
        foreach (var index in _indexes)
            results.Reject(index, problem);
    }
}
