using System.Security.Claims;
using System.Security.Cryptography;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Authentication.Oidc;

namespace K8sQueue.Api.Dashboard.Login;

/// <summary>
/// Reads logins. The key that was logged in with is looked up each time: one that is revoked ends its logins at once, and what it may do is read anew. What a
/// subject may, its ticket says until it ends.
/// </summary>
internal sealed class Sessions(ApiKeyRing keys, OidcOptions oidc, SessionProtector protector, TimeProvider time)
{
    /// <summary>Who is logged in by a cookie; null where it is no login, or has ended.</summary>
    public ClaimsPrincipal? Find(string? cookie)
    {
        if (keys.IsAnonymous)
            return Principal([ApiKey.IdentityOf("anonymous", KeyScope.Everything)]);
        return cookie is { Length: > 0 } && protector.TryUnprotect(cookie, out var ticket) && ticket.ExpiresAt > time.GetUtcNow()
            && Find(ticket) is { Count: > 0 } identities
            ? Principal(identities)
            : null;
    }

    private IReadOnlyList<ClaimsIdentity> Find(SessionTicket ticket)
    {
        if (ticket.Grants is null)
            return keys.Find(ticket.Name, ticket.Fingerprint) is { } key ? [key.Identity] : [];
        return oidc.HasLogin && CryptographicOperations.FixedTimeEquals(ticket.Fingerprint, OidcLogin.Fingerprint(oidc))
            ? [.. ticket.Grants.Select(grant => ApiKey.IdentityOf(ticket.Name, grant.Length == 0 ? KeyScope.Everything : KeyScope.Parse(grant)))]
            : [];
    }

    private static ClaimsPrincipal Principal(IEnumerable<ClaimsIdentity> keys) => new(keys.Select(key => new ClaimsIdentity(key.Claims, SessionHandler.SchemeName)));
}
