using System.Security.Claims;
using K8sQueue.Api.Authentication.Oidc;
using K8sQueue.Api.Problems;

namespace K8sQueue.Api.Authentication;

/// <summary>The types of the claims that say what somebody may do. There is at least one of a verb and of a queue for whoever may do anything.</summary>
internal static class AccessClaims
{
    public const string Verb = "k8squeue:verb";
    public const string Queue = "k8squeue:queue";
    public const string Tenant = "k8squeue:tenant";

    public static string Value(Verb verb) => verb switch
    {
        Authentication.Verb.Read => "read",
        Authentication.Verb.Enqueue => "enqueue",
        _ => "manage",
    };
}

/// <summary>Who may do what: the one decision, for requests and pages alike.</summary>
internal static class Access
{
    /// <summary>Whether somebody may do something in a queue; with null, in every queue. Each identity stands for itself: what two of them may is not mixed.</summary>
    public static bool May(ClaimsPrincipal user, Verb verb, string? queue)
    {
        foreach (var identity in user.Identities)
        {
            if (MayDo(identity, verb) && MayIn(identity, queue))
                return true;
        }

        return false;
    }

    /// <summary>Whether somebody may do something in some queue.</summary>
    public static bool MaySomewhere(ClaimsPrincipal user, Verb verb)
    {
        foreach (var identity in user.Identities)
        {
            if (MayDo(identity, verb))
                return true;
        }

        return false;
    }

    /// <exception cref="ProblemException">Somebody may not do it; the problem says what is missing.</exception>
    public static void Require(ClaimsPrincipal user, Verb verb, string queue)
    {
        if (!May(user, verb, queue))
            throw new ProblemException(Refusal(user, verb, queue));
    }

    /// <summary>What somebody is told who may not do something; with null for the queue, not in every one of them.</summary>
    public static Problem Refusal(ClaimsPrincipal user, Verb verb, string? queue)
    {
        var where = !MaySomewhere(user, verb) ? "" : queue is null ? " in every queue" : $" in the queue {queue}";
        var who = user.Identity?.Name is { } name && name.StartsWith(OidcGrants.NamePrefix, StringComparison.Ordinal) ? $"'{name}'" : $"The API key '{user.Identity?.Name}'";
        return new Problem(ProblemTypes.Forbidden, $"{who} may not {AccessClaims.Value(verb)}{where}.");
    }

    private static bool MayDo(ClaimsIdentity identity, Verb verb) => identity.HasClaim(AccessClaims.Verb, AccessClaims.Value(verb));

    private static bool MayIn(ClaimsIdentity identity, string? queue)
    {
        if (identity.FindFirst(AccessClaims.Tenant) is { } tenant && !(queue is not null && IsOf(queue, tenant.Value)))
            return false;
        foreach (var claim in identity.Claims)
        {
            if (claim.Type == AccessClaims.Queue && Takes(claim.Value, queue))
                return true;
        }

        return false;
    }

    private static bool IsOf(string queue, string tenant) =>
        queue.StartsWith(tenant, StringComparison.Ordinal) && (queue.Length == tenant.Length || queue[tenant.Length] == '.');

    private static bool Takes(string pattern, string? queue) => pattern == KeyScope.AnyQueue
        || queue is not null && (pattern[^1] == '*' ? queue.AsSpan().StartsWith(pattern.AsSpan(..^1), StringComparison.Ordinal) : pattern == queue);
}
