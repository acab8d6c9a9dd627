using K8sQueue.Api.Audit;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;

namespace K8sQueue.Api.Endpoints;

/// <summary>
/// <c>dryRun=true</c>: what an act on many would do, without doing it. Endpoints that have none refuse the parameter: who sends it must not be surprised by what was done.
/// </summary>
internal static class DryRuns
{
    public const string Parameter = "dryRun";

    /// <summary>Lets the endpoint read the parameter itself.</summary>
    public static RouteHandlerBuilder TakesDryRun(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(Mark.Taken);

    /// <summary>Refuses the parameter where an endpoint changes something and does not take it.</summary>
    public static IApplicationBuilder UseDryRuns(this IApplicationBuilder app) => app.Use(static (context, next) =>
        context.Request.QueryString.HasValue && IsRefused(context)
            ? new Problem(ProblemTypes.InvalidParameter, $"There is no dry run of this: '{Parameter}' can't be given.") { Field = Parameter }.ExecuteAsync(context)
            : next(context));

    /// <summary>Reads the parameter; a dry run is no act, and is not written down.</summary>
    /// <exception cref="ProblemException">It is neither true nor false.</exception>
    public static bool Read(HttpContext context, string? dryRun)
    {
        var isDryRun = Parameters.RequireFlag(Parameter, dryRun);
        if (isDryRun)
            AuditNote.DryRun(context);
        return isDryRun;
    }

    private static bool IsRefused(HttpContext context) =>
        context.GetEndpoint()?.Metadata is { } metadata && metadata.GetMetadata<AccessRequirement>() is { Verb: not Verb.Read }
        && metadata.GetMetadata<Mark>() is null && !HttpMethods.IsGet(context.Request.Method) && context.Request.Query.ContainsKey(Parameter);

    private sealed class Mark
    {
        public static readonly Mark Taken = new();
    }
}
