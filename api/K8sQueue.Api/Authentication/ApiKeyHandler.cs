using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace K8sQueue.Api.Authentication;

/// <summary>Authenticates by <c>Authorization: Bearer KEY</c> or <c>X-Api-Key: KEY</c>.</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeyRing keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";
    public const string HeaderName = "X-Api-Key";
    private const string BearerPrefix = "Bearer ";

    // No key is longer; hashing stays cheap whatever is sent.
    public const int MaxKeyLength = 256;

    private static readonly ClaimsIdentity Anybody = ApiKey.IdentityOf("anonymous", KeyScope.Everything);

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (keys.IsAnonymous)
            return Task.FromResult(Success(Anybody));
        if (Presented() is not { } secret)
            return Task.FromResult(AuthenticateResult.NoResult());
        var key = secret.Length <= MaxKeyLength ? keys.Find(secret) : null;
        return Task.FromResult(key is null ? AuthenticateResult.Fail("The API key is not known.") : Success(key.Identity));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = "Bearer";
        return Task.CompletedTask;
    }

    private static AuthenticateResult Success(ClaimsIdentity identity) =>
        AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));

    private string? Presented()
    {
        if (Request.Headers.Authorization is [{ } authorization] && authorization.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase))
            return authorization[BearerPrefix.Length..].Trim();
        return Request.Headers[HeaderName] is [{ Length: > 0 } key] ? key : null;
    }
}
