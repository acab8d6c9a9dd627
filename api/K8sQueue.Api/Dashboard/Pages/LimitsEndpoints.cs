using System.Globalization;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Dashboard.Components;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>What bounds the starts of a queue's jobs.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Limits">What bounds them now.</param>
/// <param name="Input">What is in the form.</param>
/// <param name="Error">What was wrong with it.</param>
public sealed record LimitsModel(string Queue, QueueLimits Limits, LimitsInput Input, string? Error);

/// <summary>What was written into the form; empty for no bound.</summary>
public sealed record LimitsInput(string Jobs, string PeriodSeconds, string Burst, string Concurrency)
{
    internal static LimitsInput From(QueueLimits limits) => new(
        Text(limits.Rate?.Jobs), Text(limits.Rate?.Period.TotalSeconds), Text(limits.Rate?.Burst), Text(limits.Concurrency));

    internal static LimitsInput From(IFormCollection form) => new(
        form["jobs"].ToString().Trim(), form["periodSeconds"].ToString().Trim(), form["burst"].ToString().Trim(), form["concurrency"].ToString().Trim());

    /// <exception cref="FormatException">A field is no number, or one is missing; the message says which.</exception>
    /// <exception cref="ArgumentException">A value is out of its range; the message names it.</exception>
    internal QueueLimits ToLimits()
    {
        if ((Jobs.Length == 0) != (PeriodSeconds.Length == 0))
            throw new FormatException("A rate needs both: how many jobs, and in how many seconds.");
        if (Burst.Length > 0 && Jobs.Length == 0)
            throw new FormatException("A burst goes with a rate.");
        var limits = new QueueLimits
        {
            Rate = Jobs.Length == 0
                ? null
                : new QueueRate(Whole("Jobs", Jobs), TimeSpan.FromMilliseconds(Milliseconds(PeriodSeconds)))
                {
                    Burst = Whole("Burst", Burst.Length > 0 ? Burst : Jobs),
                },
            Concurrency = Concurrency.Length == 0 ? null : Whole("At once", Concurrency),
        };
        limits.ThrowIfInvalid();
        return limits;
    }

    private static double Milliseconds(string seconds) =>
        double.TryParse(seconds, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= 1e6
            ? Math.Round(number * 1000)
            : throw new FormatException("'In seconds' must be a number of seconds, at most a day.");

    private static int Whole(string name, string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new FormatException($"'{name}' must be a whole number.");

    private static string Text(double? value) => value?.ToString("0.###", CultureInfo.InvariantCulture) ?? "";
}

/// <summary>Read, set and take away a queue's limits.</summary>
internal static class LimitsEndpoints
{
    private const string Address = "/queues/{queue}/limits";

    public static void MapLimitsPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Address, ShowAsync);
        pages.MapPost(Address, SetAsync).Requires(Verb.Manage);
        pages.MapPost(Address + "/clear", ClearAsync).Requires(Verb.Manage);
    }

    private static async Task<IResult> ShowAsync(string queue, HttpContext context, IJobQueue jobs)
    {
        DashboardGuard.Require(context, Verb.Read, queue);
        var limits = await jobs.GetLimitsAsync(queue, context.RequestAborted);
        return Page.Of<LimitsPage>(context, new LimitsModel(queue, limits, LimitsInput.From(limits), Error: null));
    }

    private static async Task<IResult> SetAsync(string queue, HttpContext context, IJobQueue jobs)
    {
        DashboardGuard.Require(context, Verb.Manage, queue);
        var input = LimitsInput.From(await Forms.ReadAsync(context));
        try
        {
            await jobs.SetLimitsAsync(queue, input.ToLimits(), context.RequestAborted);
            return Results.LocalRedirect(Notices.On(Links.Limits(queue), "limited"));
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            DashboardGuard.Require(context, Verb.Read, queue);
            var limits = await jobs.GetLimitsAsync(queue, context.RequestAborted);
            return Page.Of<LimitsPage>(context, new LimitsModel(queue, limits, input, e.Message), StatusCodes.Status400BadRequest);
        }
    }

    private static async Task<IResult> ClearAsync(string queue, HttpContext context, IJobQueue jobs)
    {
        DashboardGuard.Require(context, Verb.Manage, queue);
        await jobs.SetLimitsAsync(queue, QueueLimits.None, context.RequestAborted);
        return Results.LocalRedirect(Notices.On(Links.Limits(queue), "unlimited"));
    }
}
