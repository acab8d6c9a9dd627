using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Json;
using K8sQueue.Testing;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace K8sQueue.Api.Tests.Authentication.Oidc;

/// <summary>
/// A real OpenID Connect server (OpenIddict) on loopback. Clients have no secrets but for the dashboard's, where one is set, and whoever comes to log in is <see cref="Subject"/>. It can be stopped,
/// and started again on the same port with another key.
/// </summary>
internal sealed class OidcServer : IAsyncDisposable
{
    public const string Audience = "k8squeue";
    public const string Dashboard = "dashboard";

    private static readonly RsaSecurityKey EncryptionKey = NewKey();

    private readonly int _port = FreePort.Next();
    private WebApplication? _app;

    private OidcServer()
    {
    }

    /// <summary>As it is in tokens and settings.</summary>
    public string Issuer => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}/");

    /// <summary>The key that it signs with.</summary>
    public RsaSecurityKey Key { get; private set; } = NewKey();

    /// <summary>Who logs in.</summary>
    public string Subject { get; set; } = "ada";

    /// <summary>The values of the claim <c>k8squeue</c> in tokens.</summary>
    public IReadOnlyList<string> Grants { get; set; } = ["*"];

    /// <summary>How long ID tokens are good.</summary>
    public TimeSpan IdTokenLifetime { get; set; } = TimeSpan.FromMinutes(20);

    /// <summary>Whether it has a logout.</summary>
    public bool HasLogout { get; set; } = true;

    /// <summary>The secret that the dashboard's client must send; null for a public client.</summary>
    public string? DashboardSecret { get; set; }

    /// <summary>Where logins may lead.</summary>
    public string? Callback { get; set; }

    /// <summary>Not started yet: its address is known.</summary>
    public static OidcServer Create() => new();

    public static async Task<OidcServer> StartAsync()
    {
        var server = new OidcServer();
        await server.StartAgainAsync();
        return server;
    }

    public static RsaSecurityKey NewKey() => new(RSA.Create(2048)) { KeyId = Guid.NewGuid().ToString("n") };

    /// <summary>Starts it, with another key where one is given.</summary>
    public async Task StartAgainAsync(RsaSecurityKey? key = null)
    {
        Key = key ?? Key;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Issuer.TrimEnd('/'));
        builder.Services.AddAuthentication();
        builder.Services.AddOpenIddict().AddServer(Configure);
        _app = builder.Build();
        _app.UseAuthentication();
        _app.MapGet("/connect/authorize", AuthorizeAsync);
        _app.MapPost("/connect/token", TokenAsync);
        _app.MapGet("/connect/logout", () => "Do you want to log out?");
        await _app.StartAsync(CancellationToken.None);
    }

    public async Task StopAsync()
    {
        if (_app is null)
            return;
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _app = null;
    }

    /// <summary>An access token of a client, as the server's token endpoint gives it.</summary>
    public async Task<string> TokenOfAsync(string client, string audience = Audience)
    {
        using var http = new HttpClient();
        using var response = await http.PostAsync(
            new Uri(Issuer + "connect/token"),
            new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", client), new("client_secret", "any"), new("for", audience)]),
            CancellationToken.None);
        var text = await response.Content.ReadAsStringAsync(CancellationToken.None);
        response.IsSuccessStatusCode.Should().BeTrue(text);
        return JsonDocument.Parse(text).RootElement.GetProperty("access_token").GetString()!;
    }

    /// <summary>A token that is made by hand, signed with the server's key where no other is given; with null for the algorithm it is not signed.</summary>
    public string Forge(
        string? subject = "ada", string? issuer = null, string audience = Audience, TimeSpan? age = null, SecurityKey? key = null, string? algorithm = SecurityAlgorithms.RsaSha256,
        params (string Name, object Value)[] claims)
    {
        var issued = TimeProvider.System.GetUtcNow().UtcDateTime - (age ?? TimeSpan.Zero);
        var content = claims.ToDictionary(claim => claim.Name, claim => claim.Value, StringComparer.Ordinal);
        if (subject is not null)
            content["sub"] = subject;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer ?? Issuer,
            Audience = audience,
            IssuedAt = issued,
            NotBefore = issued,
            Expires = issued.AddMinutes(10),
            Claims = content,
            SigningCredentials = algorithm is null ? null : new SigningCredentials(key ?? Key, algorithm),
        });
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private void Configure(OpenIddictServerBuilder options)
    {
        options.SetIssuer(new Uri(Issuer)).SetAuthorizationEndpointUris("connect/authorize").SetTokenEndpointUris("connect/token");
        if (HasLogout)
            options.SetEndSessionEndpointUris("connect/logout");
        options.AllowAuthorizationCodeFlow().AllowClientCredentialsFlow().RequireProofKeyForCodeExchange();
        options.AddSigningKey(Key).AddEncryptionKey(EncryptionKey).DisableAccessTokenEncryption();
        options.SetIdentityTokenLifetime(IdTokenLifetime);
        options.RegisterScopes(OpenIddictConstants.Scopes.Profile);
        options.EnableDegradedMode();
        options.UseAspNetCore().EnableAuthorizationEndpointPassthrough().EnableEndSessionEndpointPassthrough().EnableTokenEndpointPassthrough().DisableTransportSecurityRequirement();

        // Without a database, whom it knows is said here.
        options.AddEventHandler<ValidateAuthorizationRequestContext>(handler => handler.UseInlineHandler(context =>
        {
            if (context.ClientId != Dashboard || context.RedirectUri is null || (Callback is not null && context.RedirectUri != Callback))
                context.Reject(OpenIddictConstants.Errors.InvalidClient, "The client or where it leads is not known.");
            return default;
        }));
        options.AddEventHandler<ValidateEndSessionRequestContext>(handler => handler.UseInlineHandler(static context =>
        {
            if (context.ClientId != Dashboard)
                context.Reject(OpenIddictConstants.Errors.InvalidClient, "The client is not known.");
            return default;
        }));
        options.AddEventHandler<ValidateTokenRequestContext>(handler => handler.UseInlineHandler(context =>
        {
            if (DashboardSecret is not null && context.ClientId == Dashboard && context.ClientSecret != DashboardSecret)
                context.Reject(OpenIddictConstants.Errors.InvalidClient, "The client's secret is another one.");
            return default;
        }));
    }

    private async Task AuthorizeAsync(HttpContext context)
    {
        var principal = PrincipalOf(Subject);
        principal.SetScopes(context.GetOpenIddictServerRequest()!.GetScopes());
        await Microsoft.AspNetCore.Authentication.AuthenticationHttpContextExtensions.SignInAsync(
            context, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme, principal);
    }

    private async Task TokenAsync(HttpContext context)
    {
        var request = context.GetOpenIddictServerRequest()!;
        ClaimsPrincipal principal;
        if (request.IsClientCredentialsGrantType())
        {
            principal = PrincipalOf(request.ClientId!);
            principal.SetResources(request["for"]!.ToString()!);
        }
        else
        {
            // What the code was given for.
            principal = (await Microsoft.AspNetCore.Authentication.AuthenticationHttpContextExtensions.AuthenticateAsync(
                context, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme)).Principal!;
        }

        await Microsoft.AspNetCore.Authentication.AuthenticationHttpContextExtensions.SignInAsync(
            context, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme, principal);
    }

    private ClaimsPrincipal PrincipalOf(string subject)
    {
        var identity = new ClaimsIdentity("test", OpenIddictConstants.Claims.Name, OpenIddictConstants.Claims.Role);
        identity.SetClaim(OpenIddictConstants.Claims.Subject, subject);
        identity.SetClaims("k8squeue", [.. Grants]);
        identity.SetDestinations(static _ => [OpenIddictConstants.Destinations.AccessToken, OpenIddictConstants.Destinations.IdentityToken]);
        return new ClaimsPrincipal(identity);
    }
}
