using K8sQueue.Api.Audit;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Dashboard.Components;
using K8sQueue.Api.Dashboard.Masking;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>A queue's dead letters: list them, look at one, put them back as they are or edited, delete them.</summary>
internal static class DeadLetterEndpoints
{
    private const string Address = "/queues/{queue}/dead-letters";
    private const string Delete = "delete";

    /// <summary>The most that one form puts back or deletes.</summary>
    private const int MaxActions = 1000;

    public static void MapDeadLetterPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Address, ListAsync);
        pages.MapPost(Address + "/selected", ActOnSelectedAsync).Requires(Verb.Manage);
        pages.MapGet(Address + "/all", PlanAsync);
        pages.MapPost(Address + "/all", ActOnAllAsync).Requires(Verb.Manage);
        pages.MapGet(Address + "/{id}", ShowAsync);
        pages.MapPost(Address + "/{id}/redrive", RedriveAsync).Requires(Verb.Manage);
        pages.MapPost(Address + "/{id}/delete", DeleteAsync).Requires(Verb.Manage);
    }

    private static async Task<IResult> ListAsync(string queue, string? offset, HttpContext context, IJobQueue jobs)
    {
        DashboardGuard.Require(context, Verb.Read, queue);
        var search = DeadLetterSearch.From(name => context.Request.Query[name].ToString());
        var start = RequireOffset(offset);
        var total = (await jobs.GetStatisticsAsync(queue, context.RequestAborted)).DeadLetters;
        var (letters, next) = await DeadLetterLook.FindAsync(jobs, queue, search.ToFilter(), start, context.RequestAborted);
        return Page.Of<DeadLettersPage>(context, new DeadLettersModel(queue, total, search, letters, start, next));
    }

    private static async Task<IResult> ShowAsync(string queue, string id, HttpContext context, IJobQueue jobs, PayloadMask mask) =>
        ShowLetter(context, await FindAsync(context, Verb.Read, queue, id, jobs), mask, edited: null, error: null);

    // It has the payload, also where a form is refused of who may put letters back and not read them.
    private static IResult ShowLetter(HttpContext context, DeadLetter letter, PayloadMask mask, string? edited, string? error)
    {
        DashboardGuard.Require(context, Verb.Read, letter.Job.Id.Queue);
        var payload = ShownPayload.Of(letter.Job.Payload, mask);
        return Page.Of<DeadLetterPage>(
            context,
            new DeadLetterModel(letter, payload, edited ?? payload.Text, error),
            error is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private static async Task<IResult> RedriveAsync(string queue, string id, HttpContext context, IJobQueue jobs, PayloadMask mask)
    {
        var letter = await FindAsync(context, Verb.Manage, queue, id, jobs);
        var form = await Forms.ReadAsync(context);
        var edited = form.ContainsKey("payload") ? form["payload"].ToString() : null;
        try
        {
            // Not one expression: null as an array would become an empty payload.
            ReadOnlyMemory<byte>? payload = null;
            if (edited is not null && !ShownPayload.Of(letter.Job.Payload, mask).IsStill(edited))
                payload = mask.Restore(edited, letter.Job.Payload);
            return Results.LocalRedirect(await jobs.RedriveAsync(letter.Job.Id, payload, context.RequestAborted) switch
            {
                RedriveOutcome.Redriven when letter.Job.Id.IsTracked => Notices.On(Links.Job(letter.Job.Id), "redriven", 1),
                RedriveOutcome.Redriven => Notices.On(Links.DeadLetters(queue), "redriven", 1),
                RedriveOutcome.Duplicate => Notices.On(Links.DeadLetter(letter.Job.Id), "not-redriven"),
                _ => Notices.On(Links.DeadLetters(queue), "gone"),
            });
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return ShowLetter(context, letter, mask, edited, e.Message);
        }
    }

    private static async Task<IResult> DeleteAsync(string queue, string id, HttpContext context, IJobQueue jobs)
    {
        var jobId = RequireId(context, Verb.Manage, queue, id);
        var deleted = await jobs.DeleteDeadLetterAsync(jobId, context.RequestAborted);
        return Results.LocalRedirect(deleted ? Notices.On(Links.DeadLetters(queue), "deleted", 1) : Notices.On(Links.DeadLetters(queue), "gone"));
    }

    private static async Task<IResult> ActOnSelectedAsync(string queue, HttpContext context, IJobQueue jobs)
    {
        DashboardGuard.Require(context, Verb.Manage, queue);
        var form = await Forms.ReadAsync(context);
        var ids = form["id"].OfType<string>().Select(id => RequireId(context, Verb.Manage, queue, id)).Distinct().Take(ApiLimits.MaxDeadLetterPageSize).ToList();

        // Oldest first, as they would have run: the list has the newest first.
        ids.Reverse();
        return await ActAsync(form["act"] == Delete, ids, then: Links.DeadLetters(queue), context, jobs);
    }

    private static async Task<IResult> PlanAsync(string queue, string? act, string? place, HttpContext context, IJobQueue jobs, TimeProvider time)
    {
        DashboardGuard.Require(context, Verb.Manage, queue);
        var search = DeadLetterSearch.From(name => context.Request.Query[name].ToString());
        var found = await SelectAsync(queue, search, place, context, jobs);

        // What is buried while somebody thinks about it was not counted, and so is not meant.
        var meant = search.Before.Length > 0 ? search : search with { Before = Show.Iso(time.GetUtcNow()) };
        return Page.Of<DeadLetterPlanPage>(context, new DeadLetterPlan(queue, meant, act == Delete, place ?? "", found.Ids.Count, found.Next is null));
    }

    private static async Task<IResult> ActOnAllAsync(string queue, HttpContext context, IJobQueue jobs)
    {
        DashboardGuard.Require(context, Verb.Manage, queue);
        var form = await Forms.ReadAsync(context);
        var search = DeadLetterSearch.From(name => form[name].ToString());
        AuditNote.Meant(context, AuditFilter.Of(search.ToFilter()));
        var deletes = form["act"] == Delete;
        var found = await SelectAsync(queue, search, form["place"], context, jobs);
        var next = found.Next is null
            ? Links.DeadLetters(queue)
            : $"{Links.DeadLetters(queue)}/all?act={(deletes ? Delete : "redrive")}{search.Query}&place={Uri.EscapeDataString(found.Next)}";
        return await ActAsync(deletes, found.Ids, next, context, jobs);
    }

    // Oldest first, as they would have run; a place stays what it is while those before it leave.
    private static Task<JobSelection> SelectAsync(string queue, DeadLetterSearch search, string? place, HttpContext context, IJobQueue jobs) =>
        Parameters.RequirePlaceAsync(
            "place",
            () => jobs.SelectDeadLettersAsync(queue, search.ToFilter(), string.IsNullOrEmpty(place) ? null : place, MaxActions, context.RequestAborted));

    private static int RequireOffset(string? offset) =>
        Parameters.RequireRange("offset", string.IsNullOrEmpty(offset) ? null : offset, 0, int.MaxValue - (2 * DeadLetterLook.MaxLooked), 0);

    private static async Task<IResult> ActAsync(bool deletes, IReadOnlyList<JobId> ids, string then, HttpContext context, IJobQueue jobs)
    {
        var (done, duplicates) = deletes
            ? (await jobs.DeleteDeadLettersAsync(ids, context.RequestAborted), 0)
            : await jobs.RedriveAsync(ids, context.RequestAborted);
        AuditNote.Did(context, done);
        return Results.LocalRedirect(Notices.On(then, deletes ? "deleted" : duplicates > 0 ? "redriven-duplicates" : "redriven", done));
    }

    private static JobId RequireId(HttpContext context, Verb verb, string queue, string id)
    {
        DashboardGuard.Require(context, verb, queue);
        var jobId = Parameters.RequireJobId(id);
        return jobId.Queue == queue ? jobId : throw NotFound();
    }

    private static async Task<DeadLetter> FindAsync(HttpContext context, Verb verb, string queue, string id, IJobQueue jobs) =>
        await jobs.GetDeadLetterAsync(RequireId(context, verb, queue, id), context.RequestAborted) ?? throw NotFound();

    private static ProblemException NotFound() => new(new Problem(ProblemTypes.DeadLetterNotFound));
}
