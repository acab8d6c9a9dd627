using K8sQueue.Core.Batches;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Dashboard.Flows;

/// <summary>
/// Reads the flow that a job is part of: from the job up, batch by batch, to what runs after it all, and down to what it runs after. Nothing is searched for: each step is a
/// read by an id that the queue has kept with the job, or with the batch. What runs before a job that is not enqueued itself is not kept anywhere, and so is not shown.
/// </summary>
internal sealed class FlowReader(IJobQueue jobs, Func<string, bool> maySee, CancellationToken cancellationToken)
{
    /// <summary>The most jobs of one batch that are shown.</summary>
    public const int MaxJobs = 20;

    /// <summary>The most batches that are read.</summary>
    public const int MaxBatches = 12;

    private const int MaxUp = 6;
    private const string AtEnd = "when all below have ended";
    private const string AtSuccess = "when all below are completed";

    private int _read;

    /// <summary>The flow of a job; null where it stands alone.</summary>
    /// <param name="id">The job.</param>
    /// <param name="record">Its record; null where there is none.</param>
    /// <param name="traits">What it has of batches.</param>
    public async Task<Flow?> ReadAsync(JobId id, JobSnapshot? record, JobTraits traits)
    {
        if (traits.MemberOf is null && traits.CallbackOf is null)
            return null;
        var job = new FlowNode(id, record?.State.ToString() ?? nameof(JobState.Dead)) { Type = record?.Type, IsThis = true };
        return await UpAsync(job, traits);
    }

    private async Task<Flow> UpAsync(FlowNode job, JobTraits traits)
    {
        var above = new List<BatchStatus>();
        for (var member = traits.MemberOf; member is { } id && above.Count < MaxUp && await GetAsync(id) is { } batch; member = await MemberOfAsync(batch))
            above.Add(batch);
        job = job with { After = await DownAsync(traits.CallbackOf) };
        if (above.Count == 0)
            return new Flow(await OthersAsync(traits.CallbackOf, job), Batch: null, job);
        var inner = await BatchAsync(above[0], job);
        foreach (var (batch, outer) in above.Zip(above.Skip(1)))
        {
            var (callback, when) = CallbackOf(batch)!.Value;
            inner = await BatchAsync(outer, await NodeAsync(callback, batch, when) with { After = inner });
        }

        return new Flow(await ThenAsync(above[^1]), inner, Job: null);
    }

    // The job of a flow that has children is the one callback of their batch.
    private async Task<BatchId?> MemberOfAsync(BatchStatus batch) =>
        batch.CallbackMemberOf ?? (CallbackOf(batch) is ({ IsTracked: true } id, _) ? (await jobs.GetJobAsync(id, cancellationToken))?.Traits?.MemberOf : null);

    private async Task<FlowBatch?> DownAsync(BatchId? id) =>
        id is { } batch && await GetAsync(batch) is { } status ? await BatchAsync(status, inner: null) : null;

    private async Task<FlowBatch> BatchAsync(BatchStatus batch, FlowNode? inner)
    {
        var nodes = new List<FlowNode>();
        foreach (var job in batch.Jobs)
            nodes.Add(job.Id == inner?.Id ? inner : await NodeAsync(job));
        if (inner is not null && !nodes.Contains(inner))
            nodes[^1] = inner;
        return new FlowBatch(batch.Id, batch.Total, batch.Open, batch.Failed, nodes);
    }

    private async Task<FlowNode> NodeAsync(BatchJob job)
    {
        var record = maySee(job.Id.Queue) ? job.Record : null;
        return new FlowNode(job.Id, record?.State.ToString() ?? job.State.ToString())
        {
            Type = record?.Type,
            IsVisible = maySee(job.Id.Queue),
            After = await DownAsync(record?.Traits?.CallbackOf),
        };
    }

    private async Task<FlowNode> NodeAsync(JobId id, BatchStatus batch, string when)
    {
        var record = id.IsTracked && maySee(id.Queue) ? await jobs.GetJobAsync(id, cancellationToken) : null;
        var isCalled = id == batch.OnSuccess ? batch.SuccessCalled : batch.EndedAt is not null;
        return new FlowNode(id, record?.State.ToString() ?? (isCalled ? "Enqueued" : batch.EndedAt is null ? "Pending" : "Blocked"))
        {
            Type = record?.Type,
            When = when,
            IsVisible = maySee(id.Queue),
        };
    }

    private async Task<IReadOnlyList<FlowNode>> ThenAsync(BatchStatus batch)
    {
        var then = new List<FlowNode>();
        if (batch.OnComplete is { } complete)
            then.Add(await NodeAsync(complete, batch, AtEnd));
        if (batch.OnSuccess is { } success)
            then.Add(await NodeAsync(success, batch, AtSuccess));
        return then;
    }

    // A batch may call two jobs: the other one is shown beside.
    private async Task<IReadOnlyList<FlowNode>> OthersAsync(BatchId? id, FlowNode job) =>
        id is { } batch && await GetAsync(batch) is { } status ? [.. (await ThenAsync(status)).Where(node => node.Id != job.Id)] : [];

    private static (JobId Id, string When)? CallbackOf(BatchStatus batch) =>
        batch.OnSuccess is { } success ? (success, AtSuccess) : batch.OnComplete is { } complete ? (complete, AtEnd) : null;

    private async Task<BatchStatus?> GetAsync(BatchId id) =>
        _read++ < MaxBatches && maySee(id.Queue) ? await jobs.GetBatchAsync(id, 0, MaxJobs, cancellationToken) : null;
}
