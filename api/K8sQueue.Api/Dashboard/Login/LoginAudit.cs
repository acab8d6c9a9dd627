using System.Diagnostics;
using System.Net;
using K8sQueue.Api.Audit;
using K8sQueue.Core.Audit;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Dashboard.Login;

/// <summary>
/// Writes down who logged in to the dashboard, who was refused, and who logged out: into the log, and into the broker's <see cref="IAuditLog"/>. Anybody may
/// be refused as often as they like: of that the broker gets <see cref="MaxRefusals"/> entries of each replica in an <see cref="Interval"/>, and one at its end
/// that says how many more there were.
/// </summary>
internal sealed partial class LoginAudit(IJobQueue jobs, ILoggerFactory loggers, TimeProvider time) : BackgroundService
{
    public const string Verb = "login";
    public const int MaxRefusals = 5;
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    private const int MaxDetailLength = 500;

    private readonly ILogger _logger = loggers.CreateLogger(AuditMiddleware.Category);
    private int _refusals;

    /// <summary>Notes a login, or a logout.</summary>
    /// <param name="context">The request.</param>
    /// <param name="route">Its path.</param>
    /// <param name="name">The name of the key or the subject.</param>
    /// <param name="status">What it is answered with.</param>
    public Task DoneAsync(HttpContext context, string route, string name, int status)
    {
        var act = ActOf(context, route, name, status, reason: null);
        Write(act);
        return KeepAsync(act);
    }

    /// <summary>Notes that somebody is not logged in.</summary>
    /// <param name="context">The request.</param>
    /// <param name="route">Its path.</param>
    /// <param name="name">The subject, where it is known; else empty.</param>
    /// <param name="status">What it is answered with.</param>
    /// <param name="reason">Why, in words that are not the caller's.</param>
    /// <param name="detail">What else is known of it, for the log alone: it may have words of the caller's.</param>
    public Task RefusedAsync(HttpContext context, string route, string name, int status, string reason, string? detail = null)
    {
        var act = ActOf(context, route, name, status, reason);
        Write(act, detail);
        return Interlocked.Increment(ref _refusals) <= MaxRefusals ? KeepAsync(act) : Task.CompletedTask;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (Interlocked.Exchange(ref _refusals, 0) - MaxRefusals is > 0 and var more)
                await KeepAsync(MoreOf(more));
        }
    }

    private static AuditAct ActOf(HttpContext context, string route, string name, int status, string? reason) => new()
    {
        Key = name,
        Verb = Verb,
        Method = context.Request.Method,
        Route = route,
        Address = Text(context.Connection.RemoteIpAddress),
        Reason = reason,
        Status = status,
        TraceId = Activity.Current?.TraceId.ToString(),
    };

    private static AuditAct MoreOf(int count) => new()
    {
        Key = "",
        Verb = Verb,
        Method = HttpMethods.Post,
        Route = ReturnAddress.LoginPath,
        Reason = $"{count} more logins were refused within {Interval.TotalMinutes} minutes. The log has them.",
        Status = StatusCodes.Status401Unauthorized,
    };

    private static string? Text(IPAddress? address) => (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString();

    private void Write(AuditAct act, string? detail = null) =>
        Log.Done(_logger, act.Key, act.Verb, act.Method, act.Route, act.Address, act.Status, act.Reason, OneLine(detail), act.TraceId);

    // Nobody writes lines of his own into the log.
    private static string? OneLine(string? text)
    {
        if (text is null)
            return null;
        var line = string.Concat(text.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c));
        return line.Length <= MaxDetailLength ? line : line[..MaxDetailLength] + "…";
    }

    private async Task KeepAsync(AuditAct act)
    {
        try
        {
            await jobs.Audit.AddAsync(act, CancellationToken.None).AsTask().WaitAsync(AuditMiddleware.Patience, time);
        }
        catch (Exception e)
        {
            // Nobody has to wait with a login until the broker is back, and the log has it.
            Log.NotKept(_logger, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3, LogLevel.Information, "{Key} {Verb} {Method} {Route} address={Address} status={Status} reason={Reason} detail={Detail} trace={TraceId}")]
        public static partial void Done(
            ILogger logger, string key, string verb, string method, string route, string? address, int status, string? reason, string? detail, string? traceId);

        [LoggerMessage(4, LogLevel.Warning, "The broker did not take the last login into its audit log: {Reason}")]
        public static partial void NotKept(ILogger logger, string reason);
    }
}
