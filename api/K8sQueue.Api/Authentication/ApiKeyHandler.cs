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

    private static readonly ClaimsPrincipal Anybody = new(ApiKey.IdentityOf("anonymous", KeyScope.Everything));

    /// <summary>Who sends a request; null where it has no key, or one that is not known.</summary>
    public static ClaimsPrincipal? Identify(HttpRequest request, ApiKeyRing keys)
    {
        if (keys.IsAnonymous)
            return Anybody;
        return Presented(request) is { Length: <= MaxKeyLength } secret ? keys.Find(secret)?.Principal : null;
    }

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Identify(Request, keys) is { } user)
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(user, SchemeName)));
        return Task.FromResult(Presented(Request) is null ? AuthenticateResult.NoResult() : AuthenticateResult.Fail("The API key is not known."));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = "Bearer";
        return Task.CompletedTask;
    }

    private static string? Presented(HttpRequest request)
    {
        if (request.Headers.Authorization is [{ } authorization] && authorization.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase))
            return authorization[BearerPrefix.Length..].Trim();
        return request.Headers[HeaderName] is [{ Length: > 0 } key] ? key : null;
    }
}
