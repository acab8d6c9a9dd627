using K8sQueue.Api.Contracts;
using K8sQueue.Api.Problems;

namespace K8sQueue.Api.Endpoints;

/// <summary>What endpoints say of themselves to the OpenAPI document.</summary>
internal static class EndpointConventions
{
    /// <summary>The statuses that are answered with a problem document; 401 goes without saying.</summary>
    public static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder builder, params ReadOnlySpan<int> statuses)
    {
        builder.Produces<ProblemDocument>(StatusCodes.Status401Unauthorized, Problem.ContentType);
        foreach (var status in statuses)
            builder.Produces<ProblemDocument>(status, Problem.ContentType);
        return builder;
    }
}
