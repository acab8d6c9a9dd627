using K8sQueue.Api.Dashboard;
using K8sQueue.Api.Problems;
using K8sQueue.Core.Jobs;
using Microsoft.AspNetCore.Authorization;

namespace K8sQueue.Api.Authentication;

/// <summary>Endpoints say what they ask of a caller, and are served to who may.</summary>
internal static class AccessExtensions
{
    /// <summary>What the endpoint asks of its callers.</summary>
    public static TBuilder Requires<TBuilder>(this TBuilder endpoint, Verb verb, Reach reach = Reach.Address)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new AccessRequirement(verb, reach));

    /// <summary>Refuses requests of keys that may not do what they ask for. Comes behind authorization, which has refused those without a key.</summary>
    public static IApplicationBuilder UseAccess(this IApplicationBuilder app) => app.Use(static (context, next) =>
        RefusalOf(context) is { } refusal ? refusal.ExecuteAsync(context) : next(context));

    private static Problem? RefusalOf(HttpContext context)
    {
        if (context.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null
            || endpoint.Metadata.GetMetadata<DashboardEndpoint>() is not null)
        {
            return null;
        }

        // Of the framework's own making: 405 and 415.
        if (endpoint is not RouteEndpoint)
            return null;
        var (user, verb, reach) = endpoint.Metadata.GetMetadata<AccessRequirement>() is { } required
            ? (context.User, required.Verb, required.Reach)
            : throw new InvalidOperationException($"{endpoint.DisplayName} does not say what it requires.");
        if (reach is Reach.Everywhere ? !Access.May(user, verb, queue: null) : !Access.MaySomewhere(user, verb))
            return Access.Refusal(user, verb, queue: null);
        if (reach is not Reach.Address)
            return null;

        // What is no id names no queue, and the endpoint says so.
        var values = context.Request.RouteValues;
        if (values.TryGetValue("queue", out var queue) && queue is string name && !Access.May(user, verb, name))
            return Access.Refusal(user, verb, name);
        return values.TryGetValue("id", out var id) && JobId.TryParse(id as string, out var job) && !Access.May(user, verb, job.Queue)
            ? Access.Refusal(user, verb, job.Queue)
            : null;
    }
}
