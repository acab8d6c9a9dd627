using K8sQueue.Core.Queues;
using Microsoft.AspNetCore.Diagnostics;

namespace K8sQueue.Api.Problems;

/// <summary>Turns what an endpoint throws into a problem. What nobody foresaw is logged whole and answered without details.</summary>
internal sealed partial class ProblemExceptionHandler(ILogger<ProblemExceptionHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested)
        {
            // Nobody reads the answer; the status is for the log and the metrics (nginx's "client closed request").
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        var problem = From(exception);
        if (problem.Type == ProblemTypes.InternalError)
            Log.Unforeseen(logger, exception, httpContext.Request.Method, httpContext.GetEndpoint()?.DisplayName);
        await problem.ExecuteAsync(httpContext);
        return true;
    }

    /// <summary>What a client is told of an exception.</summary>
    public static Problem From(Exception exception) => exception switch
    {
        ProblemException e => e.Problem,
        JobQueueUnavailableException e => new(ProblemTypes.BrokerUnavailable, e.Message) { RetryAfterSeconds = 1 },
        JobQueueFullException e => new(ProblemTypes.BrokerFull, e.Message) { RetryAfterSeconds = 30 },
        JobQueueConfigurationException e => new(ProblemTypes.BrokerMisconfigured, e.Message) { RetryAfterSeconds = 30 },
        BadHttpRequestException e => new(ProblemTypes.ForStatus(e.StatusCode), e.Message),
        _ => new(ProblemTypes.InternalError),
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Method} {Endpoint} failed")]
        public static partial void Unforeseen(ILogger logger, Exception exception, string method, string? endpoint);
    }
}
