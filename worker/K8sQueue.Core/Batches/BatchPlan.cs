using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Batches;

/// <summary>A job that has its id before it is enqueued.</summary>
internal sealed record PlannedJob(JobId Id, JobRequest Request);

/// <summary>A batch that is to be written, before any of its jobs is enqueued.</summary>
internal sealed record PlannedBatch(BatchId Id, IReadOnlyList<JobId> Jobs, PlannedJob? OnComplete, PlannedJob? OnSuccess);

/// <summary>
/// What a batch or a flow is to a broker: batches, whose jobs and callbacks are known by id, and the jobs that are enqueued at once. A job of a flow
/// that has children is a callback: of the batch of these, and itself a job of the batch of its parent's.
/// </summary>
internal sealed record BatchPlan(IReadOnlyList<PlannedBatch> Batches, IReadOnlyList<PlannedJob> Jobs)
{
    public static (BatchPlan Plan, EnqueuedBatch Answer) Of(BatchRequest request, TimeProvider time)
    {
        var id = BatchId.Create((request.OnComplete ?? request.OnSuccess ?? request.Jobs[0]).Queue, time);
        var jobs = request.Jobs.Select(job => Plan(job with { MemberOf = id }, time)).ToList();
        var batch = new PlannedBatch(id, jobs.ConvertAll(j => j.Id), Callback(request.OnComplete), Callback(request.OnSuccess));
        return (new BatchPlan([batch], jobs), new EnqueuedBatch(id, batch.Jobs, batch.OnComplete?.Id, batch.OnSuccess?.Id));

        PlannedJob? Callback(JobRequest? job) => job is null ? null : Plan(job with { CallbackOf = id }, time);
    }

    /// <exception cref="ArgumentException">The flow has too many jobs or levels, or a job is invalid; the message says which.</exception>
    public static (BatchPlan Plan, EnqueuedFlow Answer) Of(FlowRequest flow, int maxPayloadBytes, TimeProvider time)
    {
        var (batches, jobs) = (new List<PlannedBatch>(), new List<PlannedJob>());
        var total = 0;
        var answer = Add(flow, parent: null, depth: 1);
        return (new BatchPlan(batches, jobs), answer);

        EnqueuedFlow Add(FlowRequest node, BatchId? parent, int depth)
        {
            if (node?.Job is null || node.Children is null || !Enum.IsDefined(node.RunAfter))
                throw new ArgumentException("A job of the flow is missing, or what it runs after.");
            if (depth > BatchLimits.MaxDepth)
                throw new ArgumentException($"A flow has at most {BatchLimits.MaxDepth} levels.");
            if (++total > BatchLimits.MaxJobs)
                throw new ArgumentException($"A flow has at most {BatchLimits.MaxJobs} jobs.");
            BatchRequest.ThrowIfInvalid(node.Job, maxPayloadBytes);
            if (node.Children.Count == 0)
            {
                jobs.Add(Plan(node.Job with { MemberOf = parent }, time));
                return new EnqueuedFlow(jobs[^1].Id, Batch: null, []);
            }

            var id = BatchId.Create(node.Job.Queue, time);
            var callback = Plan(node.Job with { MemberOf = parent, CallbackOf = id }, time);
            var children = node.Children.Select(child => Add(child, id, depth + 1)).ToList();
            var ids = children.ConvertAll(child => child.Job);
            batches.Add(node.RunAfter == FlowRunAfter.Succeeded
                ? new PlannedBatch(id, ids, OnComplete: null, callback)
                : new PlannedBatch(id, ids, callback, OnSuccess: null));
            return new EnqueuedFlow(callback.Id, id, children);
        }
    }

    private static PlannedJob Plan(JobRequest request, TimeProvider time) => new(JobId.Create(request.Queue, request.Tracked, time), request);
}
