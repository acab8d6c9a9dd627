using K8sQueue.Api.Authentication;
using K8sQueue.Api.Cluster;
using K8sQueue.Api.Dashboard.Components;
using K8sQueue.Api.Dashboard.Flows;
using K8sQueue.Api.Dashboard.Masking;
using K8sQueue.Api.Workers;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>A job's page, and its cancellation.</summary>
internal static class JobEndpoints
{
    public static void MapJobPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/jobs/{id}", ShowAsync);
        pages.MapPost("/jobs/{id}/cancel", CancelAsync).Requires(Verb.Manage);
    }

    private static async Task<IResult> ShowAsync(string id, HttpContext context, IJobQueue jobs, ClusterReader cluster, PayloadMask mask)
    {
        var jobId = DashboardGuard.RequireJob(context, Verb.Read, id);
        var cancellationToken = context.RequestAborted;
        var job = jobId.IsTracked ? await jobs.GetJobAsync(jobId, cancellationToken) : null;
        var letter = job is null or { State: JobState.Dead } ? await jobs.GetDeadLetterAsync(jobId, cancellationToken) : null;
        var traits = job?.Traits ?? letter?.Job.Traits;
        var model = new JobModel
        {
            Id = jobId,
            Job = job,
            DeadLetter = letter,
            Events = job is null ? [] : await RecentEvents.OfAsync(jobs, job, cancellationToken),
            Flow = traits is null ? null : await new FlowReader(jobs, queue => DashboardAccess.May(context.User, Verb.Read, queue), cancellationToken).ReadAsync(jobId, job, traits),
            Payload = letter is not null ? ShownPayload.Of(letter.Job.Payload, mask) : await PayloadOfAsync(job, jobs, mask, cancellationToken),
            Result = job?.Result is { IsEmpty: false } result ? ShownPayload.Of(result, mask) : null,
        };
        if (job is { State: JobState.Running, Consumer: { } consumer })
            model = await WithWorkerAsync(model, consumer, context, jobs, cluster);
        var known = job is not null || letter is not null || !jobId.IsTracked;
        return Page.Of<JobPage>(context, model, known ? StatusCodes.Status200OK : StatusCodes.Status404NotFound);
    }

    private static async Task<ShownPayload?> PayloadOfAsync(JobSnapshot? job, IJobQueue jobs, PayloadMask mask, CancellationToken cancellationToken) =>
        job is null || (job.State.IsEnd() && job.State != JobState.Cancelled)
            || await jobs.ReadPayloadAsync(job.Id, PayloadMask.MaxShownBytes, cancellationToken) is not { } kept
            ? null
            : kept.Content is { } content ? ShownPayload.Of(content, mask) : new ShownPayload(Text: null, IsJson: false, kept.Bytes);

    private static async Task<JobModel> WithWorkerAsync(JobModel model, string consumer, HttpContext context, IJobQueue jobs, ClusterReader cluster)
    {
        var queue = model.Id.Queue;
        var workers = await WorkerReader.ReadAsync(jobs, queue, context.RequestAborted);
        var pods = await WorkerPods.ReadAsync(context, cluster, new HashSet<string>(StringComparer.Ordinal) { queue });
        model = model with { Worker = workers.FirstOrDefault(worker => worker.Name == consumer) };
        return pods.Known.TryGetValue(WorkerDocument.PodOf(consumer), out var known) ? model with { Pod = known.Pod, Pool = known.Pool } : model;
    }

    private static async Task<IResult> CancelAsync(string id, HttpContext context, IJobQueue jobs)
    {
        var jobId = DashboardGuard.RequireJob(context, Verb.Manage, id);
        var outcome = await jobs.CancelAsync(jobId, context.RequestAborted);
        return Results.LocalRedirect(Notices.On(Links.Job(jobId), outcome switch
        {
            CancelOutcome.Cancelled => "cancelled",
            CancelOutcome.Requested => "cancel-requested",
            _ => "not-cancelled",
        }));
    }
}
