using K8sQueue.Api.Contracts;
using K8sQueue.Api.Problems;

namespace K8sQueue.Api.Endpoints;

/// <summary>What endpoints say of themselves to the OpenAPI document.</summary>
internal static class EndpointConventions
{
    /// <summary>The statuses that are answered with a problem document; 401, 403 and 429 go without saying.</summary>
    public static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder builder, params ReadOnlySpan<int> statuses)
    {
        builder.Produces<ProblemDocument>(StatusCodes.Status401Unauthorized, Problem.ContentType);
        builder.Produces<ProblemDocument>(StatusCodes.Status403Forbidden, Problem.ContentType);
        builder.Produces<ProblemDocument>(StatusCodes.Status429TooManyRequests, Problem.ContentType);
        foreach (var status in statuses)
            builder.Produces<ProblemDocument>(status, Problem.ContentType);
        return builder;
    }
}
