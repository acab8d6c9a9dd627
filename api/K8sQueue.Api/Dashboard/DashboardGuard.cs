using K8sQueue.Api.Authentication;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Dashboard;

/// <summary>What every page and every form asks first.</summary>
internal static class DashboardGuard
{
    /// <summary>
    /// Refuses to answer where an endpoint has asked nothing: one that forgets it is shown to nobody. Those that say <see cref="ForWhoeverIsLoggedIn"/> need not ask.
    /// </summary>
    /// <exception cref="InvalidOperationException">It has asked nothing.</exception>
    public static async ValueTask<object?> FilterAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var result = await next(context);
        return http.Features.Get<Asked>() is not null || http.GetEndpoint()?.Metadata.GetMetadata<ForWhoeverIsLoggedIn>() is not null
            ? result
            : throw new InvalidOperationException($"{http.GetEndpoint()?.DisplayName} did not ask who may see it.");
    }

    /// <exception cref="ProblemException">The queue's name is none, or who is logged in may not do this.</exception>
    public static void Require(HttpContext context, Verb verb, string? queue)
    {
        context.Features.Set(Asked.Once);
        if (queue is not null)
            Parameters.RequireQueue(queue);
        if (!DashboardAccess.May(context.User, verb, queue))
            throw new ProblemException(Access.Refusal(context.User, verb, queue));
    }

    /// <summary>For what belongs to no queue, or to all: who may do it in every queue.</summary>
    /// <exception cref="ProblemException">Who is logged in may not do this.</exception>
    public static void RequireEverywhere(HttpContext context, Verb verb)
    {
        context.Features.Set(Asked.Once);
        if (!Access.May(context.User, verb, queue: null))
            throw new ProblemException(Access.Refusal(context.User, verb, queue: null));
    }

    /// <returns>The job's id.</returns>
    /// <exception cref="ProblemException">It is no job's id, or who is logged in may not do this.</exception>
    public static JobId RequireJob(HttpContext context, Verb verb, string id)
    {
        var job = Parameters.RequireJobId(id);
        Require(context, verb, job.Queue);
        return job;
    }

    private sealed class Asked
    {
        public static readonly Asked Once = new();
    }
}
