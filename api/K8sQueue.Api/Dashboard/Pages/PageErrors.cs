using K8sQueue.Api.Problems;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>Shows what goes wrong as a page, with the words that the API would answer.</summary>
internal static partial class PageErrors
{
    public static async ValueTask<object?> FilterAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        try
        {
            return await next(context);
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            var problem = ProblemExceptionHandler.From(e);
            if (problem.Type == ProblemTypes.InternalError)
                Log.Unforeseen(http.RequestServices.GetRequiredService<ILogger<Page>>(), e, http.Request.Method, http.GetEndpoint()?.DisplayName);
            return Page.Of<ErrorPage>(http, new ErrorModel(problem.Type.Title, problem.Detail), problem.Type.Status);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Method} {Endpoint} failed")]
        public static partial void Unforeseen(ILogger logger, Exception exception, string method, string? endpoint);
    }
}

/// <summary>What went wrong.</summary>
public sealed record ErrorModel(string Title, string? Detail);
