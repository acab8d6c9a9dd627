using System.Security.Claims;
using K8sQueue.Api.Authentication;

namespace K8sQueue.Api.Dashboard;

/// <summary>What somebody wants to do on a page.</summary>
public enum DashboardAct
{
    /// <summary>To see what is there.</summary>
    Read,

    /// <summary>To enqueue jobs.</summary>
    Enqueue,

    /// <summary>To change what is there: pause, cancel, redrive, delete, bound.</summary>
    Manage,
}

/// <summary>Who may do what on the dashboard: what the key may that was logged in with. Every page and every form asks it.</summary>
internal static class DashboardAccess
{
    /// <param name="user">Who is logged in.</param>
    /// <param name="act">What is to be done.</param>
    /// <param name="queue">The queue that it is done to; null for what belongs to none: it is shown to whoever may do so anywhere.</param>
    public static bool May(ClaimsPrincipal user, DashboardAct act, string? queue) =>
        queue is null ? Access.MaySomewhere(user, VerbOf(act)) : Access.May(user, VerbOf(act), queue);

    public static Verb VerbOf(DashboardAct act) => act switch
    {
        DashboardAct.Read => Verb.Read,
        DashboardAct.Enqueue => Verb.Enqueue,
        _ => Verb.Manage,
    };
}
