using K8sQueue.Api.Authentication;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Dashboard;

/// <summary>What every page and every form asks first.</summary>
internal static class DashboardGuard
{
    /// <exception cref="ProblemException">The queue's name is none, or who is logged in may not do this.</exception>
    public static void Require(HttpContext context, Verb verb, string? queue)
    {
        if (queue is not null)
            Parameters.RequireQueue(queue);
        if (!DashboardAccess.May(context.User, verb, queue))
            throw new ProblemException(Access.Refusal(context.User, verb, queue));
    }

    /// <summary>For what belongs to no queue, or to all: who may do it in every queue.</summary>
    /// <exception cref="ProblemException">Who is logged in may not do this.</exception>
    public static void RequireEverywhere(HttpContext context, Verb verb)
    {
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
}
