using System.Globalization;
using K8sQueue.Core.Queues;
using K8sQueue.Worker.Execution;
using K8sQueue.Worker.Hosting;
using K8sQueue.Worker.Telemetry;

namespace K8sQueue.Worker.Management;

/// <summary>What the management port answers; docs/reference/worker.md is the reference.</summary>
internal sealed class ManagementEndpoints(
    WorkerOptions options, FetchGate gate, RateGate rate, RunningJobs running, WorkerHealth health, TimeProvider time)
{
    private const int DefaultTtlSeconds = 30;
    private const int MaxTtlSeconds = 3600;

    // An outstanding fetch settles in milliseconds; longer than this, the broker does not answer.
    private static readonly TimeSpan SettleBound = TimeSpan.FromSeconds(5);

    private readonly BearerToken _token = new(options.ManagementToken);

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/healthz", new RequestDelegate(context => AnswerHealthAsync(context, health.NotLiveReason)));
        endpoints.MapGet("/readyz", new RequestDelegate(context => AnswerHealthAsync(context, health.NotReadyReason)));
        endpoints.MapGet("/inflight", Guarded(AnswerInFlightAsync));
        endpoints.MapPost("/quiesce", Guarded(QuiesceAsync));
        endpoints.MapPost("/resume", Guarded(ResumeAsync));
    }

    private RequestDelegate Guarded(RequestDelegate next) => context => _token.Check(context.Request.Headers.Authorization) switch
    {
        BearerToken.Verdict.Right => next(context),
        BearerToken.Verdict.Wrong => UnauthorizedAsync(context),
        _ => Problems.WriteAsync(
            context,
            StatusCodes.Status403Forbidden,
            "management-token-not-set",
            $"{WorkerEnvironment.ManagementToken} is not set, so this worker can't be asked or told."),
    };

    private static Task UnauthorizedAsync(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.WriteAsync(
            context, StatusCodes.Status401Unauthorized, "management-token-wrong", "The bearer token is missing or wrong.");
    }

    private static Task AnswerHealthAsync(HttpContext context, string? reason)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.StatusCode = reason is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsync((reason ?? "ok") + "\n", context.RequestAborted);
    }

    private async Task QuiesceAsync(HttpContext context)
    {
        var ttl = DefaultTtlSeconds;
        if (context.Request.Query.TryGetValue("ttlSeconds", out var text)
            && !(int.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out ttl) && ttl is >= 1 and <= MaxTtlSeconds))
        {
            await Problems.WriteAsync(
                context, StatusCodes.Status400BadRequest, "ttl-invalid", $"ttlSeconds must be 1 to {MaxTtlSeconds}.").ConfigureAwait(false);
            return;
        }

        if (!TryReadVersion(context, "heldAt", out var heldAt))
        {
            await RefuseVersionAsync(context, "heldAt").ConfigureAwait(false);
            return;
        }

        try
        {
            using var bound = new CancellationTokenSource(SettleBound, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, context.RequestAborted);
            await gate.QuiesceAsync(TimeSpan.FromSeconds(ttl), heldAt, either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is JobQueueUnavailableException or OperationCanceledException)
        {
            await Problems.WriteAsync(
                context,
                StatusCodes.Status503ServiceUnavailable,
                "fetch-unsettled",
                "The worker fetches no more, but the broker did not confirm that the outstanding fetch has ended.").ConfigureAwait(false);
            return;
        }

        await AnswerInFlightAsync(context).ConfigureAwait(false);
    }

    private string? BlockedBy() => (rate.IsHolding, gate.HeldBy) switch
    {
        (_, QueueHold.Rate) => "queue-rate",
        (_, QueueHold.Concurrency) => "queue-concurrency",
        (true, _) => "rate",
        _ => null,
    };

    private Task ResumeAsync(HttpContext context)
    {
        if (!TryReadVersion(context, "seenAt", out var seenAt))
            return RefuseVersionAsync(context, "seenAt");
        return gate.Resume(seenAt)
            ? AnswerInFlightAsync(context)
            : Problems.WriteAsync(context, StatusCodes.Status409Conflict, "worker-draining", "The worker is draining and takes no more jobs.");
    }

    private static bool TryReadVersion(HttpContext context, string name, out ulong? version)
    {
        version = null;
        if (!context.Request.Query.TryGetValue(name, out var text))
            return true;
        var isRead = ulong.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var read);
        version = read;
        return isRead;
    }

    private static Task RefuseVersionAsync(HttpContext context, string name) => Problems.WriteAsync(
        context, StatusCodes.Status400BadRequest, "version-invalid", $"{name} must be the resource version of the pod, a number.");

    private Task AnswerInFlightAsync(HttpContext context)
    {
        var inFlight = running.Count;
        return context.Response.WriteAsJsonAsync(
            new InFlightDocument(
                inFlight,
                Math.Max(0, inFlight - running.Started),
                options.Concurrency,
                BlockedBy(),
                !gate.IsOpen,
                gate.QuiescedUntil,
                health.StartedAt,
                health.Draining),
            WorkerJsonContext.Default.InFlightDocument,
            cancellationToken: context.RequestAborted);
    }
}
