using K8sQueue.Api.Problems;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace K8sQueue.Api.Authentication.Oidc;

/// <summary>How tokens are judged.</summary>
internal sealed class OidcTokens(IServiceProvider services, OidcOptions oidc) : IConfigureNamedOptions<JwtBearerOptions>
{
    public const string SchemeName = "Oidc";

    /// <summary>Signatures with the issuer's private key. None and those with a shared secret are not among them.</summary>
    public static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private const string BearerPrefix = "Bearer ";

    /// <summary>Whether a request shows a token, and no key: three parts, the first of which is an object in JSON.</summary>
    public static bool IsShown(HttpRequest request)
    {
        if (request.Headers.Authorization is not [{ } authorization] || !authorization.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase))
            return false;
        var text = authorization.AsSpan(BearerPrefix.Length).Trim();
        return text.StartsWith("eyJ", StringComparison.Ordinal) && text.Count('.') == 2;
    }

    /// <summary>What every token must be, in requests and at logins.</summary>
    public static TokenValidationParameters Parameters(OidcOptions oidc, string audience) => new()
    {
        ValidIssuer = oidc.Issuer,
        ValidAudience = audience,
        ValidAlgorithms = Algorithms,
        ClockSkew = oidc.ClockSkew,
        RequireExpirationTime = true,
        RequireSignedTokens = true,
        NameClaimType = OidcGrants.SubjectClaim,
    };

    public void Configure(JwtBearerOptions options) => Configure(SchemeName, options);

    public void Configure(string? name, JwtBearerOptions options)
    {
        if (name != SchemeName || !oidc.TakesTokens)
            return;
        options.ConfigurationManager = services.GetRequiredService<OidcMetadata>();
        options.RequireHttpsMetadata = !OidcOptions.IsLoopback(oidc.Issuer!);
        options.MapInboundClaims = false;
        options.SaveToken = false;
        options.TokenValidationParameters = Parameters(oidc, oidc.Audience!);
        options.Events = new JwtBearerEvents
        {
            OnTokenValidated = TakeAsync,
            OnAuthenticationFailed = FailAsync,
            OnChallenge = ChallengeAsync,
        };
    }

    private Task TakeAsync(TokenValidatedContext context)
    {
        var payload = OidcGrants.PayloadOf(((JsonWebToken)context.SecurityToken).EncodedPayload);
        if (OidcGrants.NameOf(payload) is { } name)
            context.Principal = OidcGrants.PrincipalOf(name, OidcGrants.Of(oidc, payload), SchemeName);
        else
            context.Fail("The token is of nobody.");
        return Task.CompletedTask;
    }

    private static Task FailAsync(AuthenticationFailedContext context)
    {
        if (context.Exception is OidcUnavailableException unavailable)
        {
            context.HttpContext.Features.Set(unavailable);
            context.Fail(unavailable);
        }

        return Task.CompletedTask;
    }

    private static Task ChallengeAsync(JwtBearerChallengeContext context)
    {
        if (context.HttpContext.Features.Get<OidcUnavailableException>() is not { } unavailable)
            return Task.CompletedTask;
        context.HandleResponse();
        return new Problem(ProblemTypes.IssuerUnavailable, unavailable.Message) { RetryAfterSeconds = 2 }.ExecuteAsync(context.HttpContext);
    }
}
