using K8sQueue.Api.Authentication;
using K8sQueue.Api.Dashboard.Components;
using K8sQueue.Api.Dashboard.Flows;
using K8sQueue.Api.Dashboard.Masking;
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

    private static async Task<IResult> ShowAsync(string id, HttpContext context, IJobQueue jobs, PayloadMask mask)
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
            Payload = letter is null ? null : ShownPayload.Of(letter.Job.Payload, mask),
            Result = job?.Result is { IsEmpty: false } result ? ShownPayload.Of(result, mask) : null,
        };
        var known = job is not null || letter is not null || !jobId.IsTracked;
        return Page.Of<JobPage>(context, model, known ? StatusCodes.Status200OK : StatusCodes.Status404NotFound);
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
