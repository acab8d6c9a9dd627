using K8sQueue.Api.Authentication;
using K8sQueue.Api.Endpoints;
using Microsoft.AspNetCore.Http.HttpResults;

namespace K8sQueue.Api.Diagnostics;

/// <summary>What is wrong, why, and what to do.</summary>
internal static class DiagnosticsEndpoints
{
    public static void MapDiagnostics(this IEndpointRouteBuilder routes) => routes.MapGet("/v1/diagnostics", GetAsync)
        .WithName("GetDiagnostics")
        .WithSummary("Look for the ways in which things go wrong: symptom, cause and remedy of each.")
        .Requires(Verb.Read, Reach.Everywhere)
        .Produces<DiagnosticsDocument>()
        .ProducesProblems();

    private static async Task<Ok<DiagnosticsDocument>> GetAsync(HttpContext context, Diagnoser diagnoser) =>
        TypedResults.Ok(await diagnoser.RunAsync(context.RequestAborted));
}
