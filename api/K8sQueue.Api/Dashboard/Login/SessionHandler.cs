using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Authentication.Oidc;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace K8sQueue.Api.Dashboard.Login;

/// <summary>
/// Authenticates requests of the dashboard by the cookie of a login. The key that was logged in with is looked up each time: one that is
/// revoked ends its logins at once.
/// </summary>
internal sealed class SessionHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    ApiKeyRing keys,
    OidcOptions oidc,
    SessionProtector protector,
    TimeProvider time)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Dashboard";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (keys.IsAnonymous)
            return Task.FromResult(Success(ApiKey.IdentityOf("anonymous", KeyScope.Everything)));
        if (SessionCookie.Read(Request) is not { Length: > 0 } cookie)
            return Task.FromResult(AuthenticateResult.NoResult());
        return Task.FromResult(
            protector.TryUnprotect(cookie, out var ticket) && ticket.ExpiresAt > time.GetUtcNow() && Find(ticket) is { Count: > 0 } identities
                ? Success([.. identities])
                : AuthenticateResult.Fail("The login has ended."));
    }

    // A key is looked up; what a subject may, its ticket says until it ends.
    private IReadOnlyList<ClaimsIdentity> Find(SessionTicket ticket)
    {
        if (ticket.Grants is null)
            return keys.Find(ticket.Name, ticket.Fingerprint) is { } key ? [key.Identity] : [];
        return oidc.HasLogin && CryptographicOperations.FixedTimeEquals(ticket.Fingerprint, OidcLogin.Fingerprint(oidc))
            ? [.. ticket.Grants.Select(grant => ApiKey.IdentityOf(ticket.Name, grant.Length == 0 ? KeyScope.Everything : KeyScope.Parse(grant)))]
            : [];
    }

    /// <summary>Leads readers to the login and back; a form that was sent is refused, since its content would be lost on the way.</summary>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (HttpMethods.IsGet(Request.Method))
            Response.Redirect(ReturnAddress.LoginFor(Request.PathBase + Request.Path + Request.QueryString));
        else
            Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }

    // What the key may do is read anew each time: its login may not do more.
    private static AuthenticateResult Success(params ClaimsIdentity[] keys) => AuthenticateResult.Success(
        new AuthenticationTicket(new ClaimsPrincipal(keys.Select(key => new ClaimsIdentity(key.Claims, SchemeName))), SchemeName));
}
