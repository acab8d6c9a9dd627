using System.Security.Claims;
using System.Text.Encodings.Web;
using K8sQueue.Api.Authentication;
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
            protector.TryUnprotect(cookie, out var ticket) && ticket.ExpiresAt > time.GetUtcNow()
                && keys.Find(ticket.Name, ticket.Fingerprint) is { } key
                ? Success(key.Identity)
                : AuthenticateResult.Fail("The login has ended."));
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
    private static AuthenticateResult Success(ClaimsIdentity key) => AuthenticateResult.Success(
        new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity(key.Claims, SchemeName)), SchemeName));
}
