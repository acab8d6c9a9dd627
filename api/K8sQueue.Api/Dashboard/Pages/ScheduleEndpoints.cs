using K8sQueue.Api.Authentication;
using K8sQueue.Api.Dashboard.Components;
using K8sQueue.Api.Dashboard.Masking;
using K8sQueue.Api.Hosting;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>Schedules of a queue, or of several.</summary>
/// <param name="Queue">The queue; null for those of several.</param>
/// <param name="Schedules">Them, with their payloads.</param>
/// <param name="Next">Behind what the next page begins: a schedule's name, or of several queues the last queue's; null on the last page.</param>
public sealed record SchedulesModel(string? Queue, IReadOnlyList<ScheduleRow> Schedules, string? Next);

/// <param name="Status">A schedule and where it stands.</param>
/// <param name="Payload">The payload of its job; null where that can't be read.</param>
public sealed record ScheduleRow(JobScheduleStatus Status, ShownPayload? Payload);

/// <summary>List schedules, stop them and let them go on, run one now, delete one.</summary>
internal static class ScheduleEndpoints
{
    private const string Address = "/queues/{queue}/schedules";
    private const string One = Address + "/{name}";
    private const int PageSize = 50;
    private const int QueuesAPage = 100;

    public static void MapSchedulePages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/schedules", ListAllAsync);
        pages.MapGet(Address, ListAsync);
        pages.MapPost(One + "/pause", PauseAsync).Requires(Verb.Manage);
        pages.MapPost(One + "/resume", ResumeAsync).Requires(Verb.Manage);
        pages.MapPost(One + "/run", RunAsync).Requires(Verb.Manage);
        pages.MapPost(One + "/delete", DeleteAsync).Requires(Verb.Manage);
    }

    private static async Task<IResult> ListAsync(string queue, string? after, HttpContext context, IJobQueue jobs, PayloadMask mask)
    {
        DashboardGuard.Require(context, Verb.Read, queue);
        var found = await jobs.ListSchedulesAsync(queue, string.IsNullOrEmpty(after) ? null : after, PageSize + 1, context.RequestAborted);
        var page = found.Take(PageSize).Select(status => RowOf(status, mask)).ToList();
        return Page.Of<SchedulesPage>(context, new SchedulesModel(queue, page, found.Count > PageSize ? page[^1].Status.Name : null));
    }

    private static async Task<IResult> ListAllAsync(string? after, HttpContext context, IJobQueue jobs, PayloadMask mask)
    {
        DashboardGuard.Require(context, Verb.Read, queue: null);
        var names = (await jobs.ListQueuesAsync(context.RequestAborted))
            .Where(name => DashboardAccess.May(context.User, Verb.Read, name))
            .Where(name => string.IsNullOrEmpty(after) || string.CompareOrdinal(name, after) > 0)
            .Order(StringComparer.Ordinal)
            .Take(QueuesAPage + 1)
            .ToList();
        var lists = await ParallelReads.OfAsync(
            names.Take(QueuesAPage).ToList(), 8, (name, token) => jobs.ListSchedulesAsync(name, after: null, PageSize, token), context.RequestAborted);
        return Page.Of<SchedulesPage>(
            context,
            new SchedulesModel(
                Queue: null,
                [.. lists.SelectMany(list => list).Select(status => RowOf(status, mask))],
                names.Count > QueuesAPage ? names[QueuesAPage - 1] : null));
    }

    private static ScheduleRow RowOf(JobScheduleStatus status, PayloadMask mask) =>
        new(status, status.Schedule is { } schedule ? ShownPayload.Of(schedule.Job.Payload, mask) : null);

    private static Task<IResult> PauseAsync(string queue, string name, HttpContext context, IJobQueue jobs) =>
        SetPausedAsync(queue, name, paused: true, context, jobs);

    private static Task<IResult> ResumeAsync(string queue, string name, HttpContext context, IJobQueue jobs) =>
        SetPausedAsync(queue, name, paused: false, context, jobs);

    private static async Task<IResult> SetPausedAsync(string queue, string name, bool paused, HttpContext context, IJobQueue jobs)
    {
        Require(context, queue, name);
        if (!await CheckedAsync(() => jobs.SetSchedulePausedAsync(queue, name, paused, context.RequestAborted)))
            throw NotFound();
        return Results.LocalRedirect(Notices.On(Links.Schedules(queue), paused ? "schedule-paused" : "schedule-resumed"));
    }

    private static async Task<IResult> RunAsync(string queue, string name, HttpContext context, IJobQueue jobs)
    {
        Require(context, queue, name);
        var job = await CheckedAsync(() => jobs.TriggerScheduleAsync(queue, name, context.RequestAborted)) ?? throw NotFound();
        return Results.LocalRedirect(job.IsDuplicate
            ? Notices.On(Links.Schedules(queue), "schedule-skipped")
            : Notices.On(job.Id.IsTracked ? Links.Job(job.Id) : Links.Schedules(queue), "enqueued"));
    }

    private static async Task<IResult> DeleteAsync(string queue, string name, HttpContext context, IJobQueue jobs)
    {
        Require(context, queue, name);
        return await jobs.DeleteScheduleAsync(queue, name, context.RequestAborted)
            ? Results.LocalRedirect(Notices.On(Links.Schedules(queue), "schedule-deleted"))
            : throw NotFound();
    }

    private static void Require(HttpContext context, string queue, string name)
    {
        DashboardGuard.Require(context, Verb.Manage, queue);
        ScheduleReader.RequireName(name);
    }

    /// <summary>What only the broker knows to be wrong.</summary>
    private static async Task<T> CheckedAsync<T>(Func<ValueTask<T>> call)
    {
        try
        {
            return await call();
        }
        catch (ArgumentException e)
        {
            throw new ProblemException(new Problem(ProblemTypes.InvalidSchedule, e.Message));
        }
    }

    private static ProblemException NotFound() => new(new Problem(ProblemTypes.ScheduleNotFound));
}
