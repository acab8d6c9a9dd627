using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace K8sQueue.Api.Dashboard.Login;

/// <summary>Authenticates requests of the dashboard by the cookie of a login.</summary>
internal sealed class SessionHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, Sessions sessions)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Dashboard";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var cookie = SessionCookie.Read(Request);
        if (sessions.Find(cookie) is { } user)
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(user, SchemeName)));
        return Task.FromResult(string.IsNullOrEmpty(cookie) ? AuthenticateResult.NoResult() : AuthenticateResult.Fail("The login has ended."));
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
}
