using K8sQueue.Api.Authentication;
using K8sQueue.Api.Dashboard.Components;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>The form that enqueues a job.</summary>
internal static class EnqueueEndpoints
{
    public static void MapEnqueuePages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/queues/{queue}/enqueue", Show);
        pages.MapPost("/queues/{queue}/enqueue", EnqueueAsync).Requires(Verb.Enqueue);
    }

    private static IResult Show(string queue, string? type, HttpContext context)
    {
        DashboardGuard.Require(context, Verb.Enqueue, queue);
        return Page.Of<EnqueuePage>(context, new EnqueueModel(queue, new EnqueueInput { Type = type ?? "" }, Error: null, Field: null));
    }

    private static async Task<IResult> EnqueueAsync(string queue, HttpContext context, IJobQueue jobs)
    {
        DashboardGuard.Require(context, Verb.Enqueue, queue);
        var input = EnqueueInput.From(await Forms.ReadAsync(context));
        try
        {
            var job = (await jobs.EnqueueAsync([EnqueueForm.Read(input, queue, PayloadLimit.Of(context))], context.RequestAborted))[0];
            return Results.LocalRedirect(Notices.On(Links.Job(job.Id), job.IsDuplicate ? "duplicate" : "enqueued"));
        }
        catch (ProblemException e)
        {
            return Refused(e.Message, e.Problem.Field);
        }
        catch (ArgumentException e)
        {
            return Refused(e.Message, field: null);
        }

        IResult Refused(string error, string? field) =>
            Page.Of<EnqueuePage>(context, new EnqueueModel(queue, input, error, field), StatusCodes.Status400BadRequest);
    }
}
