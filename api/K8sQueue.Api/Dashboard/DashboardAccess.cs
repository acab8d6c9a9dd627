using System.Security.Claims;
using K8sQueue.Api.Authentication;

namespace K8sQueue.Api.Dashboard;

/// <summary>Who may do what on the dashboard: what the key may that was logged in with. Every page and every form asks it.</summary>
internal static class DashboardAccess
{
    /// <param name="user">Who is logged in.</param>
    /// <param name="verb">What is to be done.</param>
    /// <param name="queue">The queue that it is done to; null for what belongs to none: it is shown to whoever may do so anywhere.</param>
    public static bool May(ClaimsPrincipal user, Verb verb, string? queue) =>
        queue is null ? Access.MaySomewhere(user, verb) : Access.May(user, verb, queue);
}
