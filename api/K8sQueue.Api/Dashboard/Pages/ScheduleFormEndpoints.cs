using K8sQueue.Api.Audit;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Dashboard.Components;
using K8sQueue.Api.Dashboard.Masking;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>Make a schedule, or change one: its next times are shown first, and it is saved after that.</summary>
internal static class ScheduleFormEndpoints
{
    private const string New = "/queues/{queue}/new-schedule";
    private const string One = "/queues/{queue}/schedules/{name}";

    public static void MapScheduleForms(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(New, ShowNew);
        pages.MapPost(New, MakeAsync).Requires(Verb.Manage);
        pages.MapGet(One, ShowAsync);
        pages.MapPost(One, ChangeAsync).Requires(Verb.Manage);
    }

    private static IResult ShowNew(string queue, HttpContext context)
    {
        DashboardGuard.Require(context, Verb.Manage, queue);
        return Page.Of<ScheduleFormPage>(context, new ScheduleModel(queue, new ScheduleInput()));
    }

    private static async Task<IResult> ShowAsync(string queue, string name, HttpContext context, IJobQueue jobs, PayloadMask mask)
    {
        // It shows what the schedule is, its payload too.
        DashboardGuard.Require(context, Verb.Read, queue);
        var status = await FindAsync(queue, name, context, jobs);
        var input = status.Schedule is { } schedule ? ScheduleInput.From(schedule, mask) : new ScheduleInput { Name = status.Name };
        return Page.Of<ScheduleFormPage>(
            context,
            new ScheduleModel(queue, input) { Name = name, Seen = status.Revision, KeepsPayload = KeepsPayload(status.Schedule, mask), Error = status.Problem });
    }

    private static async Task<IResult> MakeAsync(string queue, HttpContext context, IJobQueue jobs, PayloadMask mask, TimeProvider time)
    {
        DashboardGuard.Require(context, Verb.Manage, queue);
        var form = await Forms.ReadAsync(context);
        var model = new ScheduleModel(queue, ScheduleInput.From(form));
        return await SaveAsync(model, before: null, form, context, jobs, mask, time);
    }

    private static async Task<IResult> ChangeAsync(string queue, string name, HttpContext context, IJobQueue jobs, PayloadMask mask, TimeProvider time)
    {
        var status = await FindAsync(queue, name, context, jobs);
        var form = await Forms.ReadAsync(context);
        var model = new ScheduleModel(queue, ScheduleInput.From(form) with { Name = name })
        {
            Name = name,
            Seen = form["seen"],
            KeepsPayload = KeepsPayload(status.Schedule, mask),
        };

        // Masked values are taken from the schedule that was shown: it must still be that one. The broker compares once more as it saves.
        return model.Seen == status.Revision ? await SaveAsync(model, status.Schedule, form, context, jobs, mask, time) : Stale(context, model);
    }

    // Saved is what was shown: times of another calendar are shown first.
    private static async Task<IResult> SaveAsync(
        ScheduleModel model, JobSchedule? before, IFormCollection form, HttpContext context, IJobQueue jobs, PayloadMask mask, TimeProvider time)
    {
        try
        {
            var schedule = ScheduleForm.Read(model.Input, model.Queue, before, mask, PayloadLimit.Of(context));
            if (form["act"] != "save" || form["shown"] != model.Input.Calendar)
            {
                AuditNote.DryRun(context);
                return Page.Of<ScheduleFormPage>(context, model with { Times = ScheduleForm.NextTimes(schedule, time.GetUtcNow()) });
            }

            AuditNote.Made(context, model.Queue, schedule.Name);
            var condition = model.Seen is { } seen ? ScheduleCondition.OneOf(seen) : ScheduleCondition.Absent;
            if (await jobs.PutScheduleAsync(schedule, condition, context.RequestAborted) == SchedulePutOutcome.Conflict)
                return model.Name is null ? Refused(context, model with { Error = "There is a schedule of this name already.", Field = "name" }) : Stale(context, model);
            return Results.LocalRedirect(Notices.On(Links.Schedules(model.Queue), "schedule-saved"));
        }
        catch (ProblemException e)
        {
            return Refused(context, model with { Error = e.Message, Field = e.Problem.Field });
        }
        catch (ArgumentException e)
        {
            return Refused(context, model with { Error = e.Message });
        }
    }

    private static IResult Stale(HttpContext context, ScheduleModel model) => Refused(
        context,
        model with { Error = "The schedule was changed since this form was opened. Nothing was saved.", IsStale = true },
        StatusCodes.Status409Conflict);

    private static IResult Refused(HttpContext context, ScheduleModel model, int status = StatusCodes.Status400BadRequest) =>
        Page.Of<ScheduleFormPage>(context, model, status);

    private static bool KeepsPayload(JobSchedule? schedule, PayloadMask mask) =>
        schedule is not null && ShownPayload.Of(schedule.Job.Payload, mask) is not { IsJson: true };

    private static async Task<JobScheduleStatus> FindAsync(string queue, string name, HttpContext context, IJobQueue jobs)
    {
        DashboardGuard.Require(context, Verb.Manage, queue);
        ScheduleReader.RequireName(name);
        return await jobs.GetScheduleAsync(queue, name, context.RequestAborted) ?? throw new ProblemException(new Problem(ProblemTypes.ScheduleNotFound));
    }
}
