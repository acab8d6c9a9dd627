using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Authentication.Oidc;
using K8sQueue.Api.Dashboard.Pages;
using K8sQueue.Api.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace K8sQueue.Api.Dashboard.Login;

/// <summary>Logs in by OpenID Connect: authorization code, PKCE, state and nonce. What comes of it is the dashboard's own cookie.</summary>
internal sealed class OidcLogin(
    IServiceProvider services, OidcOptions oidc, DashboardOptions dashboard, SessionProtector protector, LoginAudit audit, TimeProvider time,
    ILogger<OidcLogin> logger)
    : IConfigureNamedOptions<OpenIdConnectOptions>
{
    public const string SchemeName = "OidcLogin";
    public const string CallbackPath = "/login/callback";

    public void Configure(OpenIdConnectOptions options) => Configure(SchemeName, options);

    public void Configure(string? name, OpenIdConnectOptions options)
    {
        if (name != SchemeName || !oidc.HasLogin)
            return;
        options.ConfigurationManager = services.GetRequiredService<OidcMetadata>();
        options.RequireHttpsMetadata = !OidcOptions.IsLoopback(oidc.Issuer!);
        options.ClientId = oidc.ClientId;
        options.ClientSecret = oidc.ClientSecret?.Text;
        options.Scope.Clear();
        foreach (var scope in oidc.LoginScopes)
            options.Scope.Add(scope);
        options.TokenValidationParameters = OidcTokens.Parameters(oidc, oidc.ClientId!);
        options.CallbackPath = CallbackPath;
        options.RemoteSignOutPath = default;
        options.SignedOutCallbackPath = default;
        options.SignInScheme = SessionHandler.SchemeName;
        options.ResponseType = OpenIdConnectResponseType.Code;
        options.UsePkce = true;
        options.MapInboundClaims = false;
        options.SaveTokens = false;
        options.UseTokenLifetime = true;
        options.DisableTelemetry = true;
        options.BackchannelTimeout = OidcMetadata.Timeout;

        // The answer comes as a link, with which lax cookies come.
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        foreach (var cookie in new[] { options.CorrelationCookie, options.NonceCookie })
            (cookie.SameSite, cookie.SecurePolicy) = (SameSiteMode.Lax, CookieSecurePolicy.SameAsRequest);
        var secret = oidc.ClientSecret is { } setting ? new RotatedSecret(setting, time, logger) : null;
        options.Events = new OpenIdConnectEvents
        {
            OnRedirectToIdentityProvider = context =>
            {
                TakeSecret();
                return LeadBackAsync(context);
            },
            OnMessageReceived = _ =>
            {
                TakeSecret();
                return Task.CompletedTask;
            },
            OnTokenValidated = context =>
            {
                context.HttpContext.Features.Set(new IdToken(OidcGrants.PayloadOf(context.SecurityToken.RawPayload)));
                return Task.CompletedTask;
            },
            OnTicketReceived = LogInAsync,
            OnAccessDenied = context =>
            {
                context.HandleResponse();
                return RefuseAsync(context.HttpContext, "", "The identity provider refused the login.");
            },
            OnRemoteFailure = context =>
            {
                context.HandleResponse();
                return RefuseAsync(context.HttpContext, context.Failure);
            },
        };

        // The options are kept: they have the secret of their time until a login has them look again.
        void TakeSecret() => options.ClientSecret = secret?.Text;
    }

    /// <summary>Leads to the issuer's login.</summary>
    public static async Task<IResult> StartAsync(HttpContext context, string? to)
    {
        try
        {
            await context.ChallengeAsync(SchemeName, new AuthenticationProperties { RedirectUri = ReturnAddress.Local(to) });
            return Results.Empty;
        }
        catch (OidcUnavailableException e)
        {
            return Unavailable(context, e);
        }
    }

    /// <summary>
    /// Leads to the issuer's logout (RP-initiated, by the client's id alone). It asks before it logs anybody out: no token is kept that would say who.
    /// </summary>
    public static async Task<IResult> EndAsync(HttpContext context, OidcMetadata metadata, OidcOptions oidc)
    {
        try
        {
            var issuer = await metadata.GetConfigurationAsync(context.RequestAborted);
            return string.IsNullOrEmpty(issuer.EndSessionEndpoint)
                ? Page.Of<ErrorPage>(
                    context, new ErrorModel("The identity provider has no logout.", "It names no end_session_endpoint."), StatusCodes.Status404NotFound)
                : Results.Redirect(QueryHelpers.AddQueryString(issuer.EndSessionEndpoint, "client_id", oidc.ClientId!));
        }
        catch (OidcUnavailableException e)
        {
            return Unavailable(context, e);
        }
    }

    private static IResult Unavailable(HttpContext context, OidcUnavailableException fault) =>
        Page.Of<ErrorPage>(context, new ErrorModel("The identity provider does not answer.", fault.Message), StatusCodes.Status503ServiceUnavailable);

    /// <summary>What logins are bound to: another issuer or client ends them.</summary>
    public static byte[] Fingerprint(OidcOptions oidc) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"{oidc.Issuer}\n{oidc.ClientId}"))[..SessionTicket.FingerprintBytes];

    private Task LeadBackAsync(Microsoft.AspNetCore.Authentication.OpenIdConnect.RedirectContext context)
    {
        if (dashboard.Url is { } url)
            context.ProtocolMessage.RedirectUri = url + CallbackPath;
        return Task.CompletedTask;
    }

    private async Task LogInAsync(TicketReceivedContext context)
    {
        context.HandleResponse();
        var http = context.HttpContext;
        var payload = http.Features.GetRequiredFeature<IdToken>().Payload;
        if (OidcGrants.NameOf(payload) is not { } name)
        {
            await RefuseAsync(http, "", "The identity provider says of nobody that they logged in.");
            return;
        }

        IReadOnlyList<KeyScope> grants = OidcGrants.Of(oidc, payload);
        if (grants.Count == 0)
        {
            await RefuseAsync(
                http, name, $"The identity provider knows you, and says nothing of what you may do here ({oidc.Claim}).", StatusCodes.Status403Forbidden);
            return;
        }

        var now = time.GetUtcNow();
        var end = now + SessionTicket.Lifetime;
        if (context.Properties?.ExpiresUtc is { } tokenEnd && tokenEnd < end)
            end = tokenEnd;
        var cookie = protector.Protect(new SessionTicket(name, Fingerprint(oidc), end, [.. grants.Select(grant => grant.Text)]));
        if (cookie.Length > SessionProtector.MaxTextLength)
        {
            await RefuseAsync(http, name, $"What you may do does not fit into a cookie: the claim {oidc.Claim} is too long.", StatusCodes.Status403Forbidden);
            return;
        }

        SessionCookie.Set(http, cookie, end - now);
        await audit.DoneAsync(http, CallbackPath, name, StatusCodes.Status200OK);

        // The browser comes from elsewhere, and sends a strict cookie with no redirect: the page asks again.
        await Page.Of<LoginPage>(http, new LoginModel(ReturnAddress.Local(context.ReturnUri), Failure: null, Again: true)).ExecuteAsync(http);
    }

    private Task RefuseAsync(HttpContext context, Exception? failure)
    {
        var unavailable = failure is OidcUnavailableException or HttpRequestException or TaskCanceledException;
        return RefuseAsync(
            context,
            name: "",
            unavailable ? "The identity provider does not answer." : "The login was not good, or took too long. Try again.",
            unavailable ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status401Unauthorized,
            failure?.Message);
    }

    private async Task RefuseAsync(HttpContext context, string name, string reason, int status = StatusCodes.Status401Unauthorized, string? detail = null)
    {
        await audit.RefusedAsync(context, CallbackPath, name, status, reason, detail);
        await Page.Of<LoginPage>(context, new LoginModel("/", reason, Again: false), status).ExecuteAsync(context);
    }

    /// <summary>The token of the login that is under way.</summary>
    private sealed record IdToken(JsonElement Payload);
}
