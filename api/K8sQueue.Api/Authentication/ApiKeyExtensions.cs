using K8sQueue.Api.Authentication.Oidc;
using K8sQueue.Api.Hosting;
using Microsoft.AspNetCore.Authorization;

namespace K8sQueue.Api.Authentication;

/// <summary>Puts every endpoint behind a key, but those that say AllowAnonymous.</summary>
internal static class ApiKeyExtensions
{
    public static IServiceCollection AddApiKeys(this IServiceCollection services)
    {
        services.AddSingleton(provider => ApiOptions.From(provider.GetRequiredService<IConfiguration>()));
        services.AddSingleton<KeyUses>();
        services.AddHostedService(provider => provider.GetRequiredService<KeyUses>());
        services.AddSingleton<ApiKeyRing>();
        services.AddHostedService(provider => provider.GetRequiredService<ApiKeyRing>());

        // Not AddAuthentication: it also adds data protection, which writes keys to the disk at the start. Nothing here needs them.
        services.AddWebEncoders();
        services.AddAuthenticationCore(options =>
        {
            options.DefaultScheme = ApiKeyHandler.SchemeName;
            options.AddScheme<ApiKeyHandler>(ApiKeyHandler.SchemeName, displayName: null);
        });

        // The fallback covers what has no policy of its own, including addresses that don't exist.
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder(ApiKeyHandler.SchemeName).RequireAuthenticatedUser().Build());
        return services;
    }

    /// <summary>
    /// Authenticates requests. Keys are looked up here; the others are left to the framework, whose handlers are made anew for each request and cost more than all
    /// else that an enqueue does.
    /// </summary>
    public static void UseApiKeys(this WebApplication app)
    {
        var (keys, oidc) = (app.Services.GetRequiredService<ApiKeyRing>(), app.Services.GetRequiredService<OidcOptions>());
        SkipFrameworks(app, "__AuthenticationMiddlewareSet");
        app.UseWhen(context => !TryIdentify(context, keys, oidc), static others => others.UseAuthentication());
    }

    /// <summary>
    /// Asks the framework's policies who may go on, but of callers of the API that are known: what they may do, <see cref="AccessExtensions.UseAccess"/> decides.
    /// </summary>
    public static void UseFallbackPolicy(this WebApplication app)
    {
        SkipFrameworks(app, "__AuthorizationMiddlewareSet");
        app.UseWhen(static context => !IsLetIn(context), static others => others.UseAuthorization());
    }

    private static bool TryIdentify(HttpContext context, ApiKeyRing keys, OidcOptions oidc)
    {
        if ((oidc.TakesTokens && OidcTokens.IsShown(context.Request)) || ApiKeyHandler.Identify(context.Request, keys) is not { } user)
            return false;
        context.User = user;
        return true;
    }

    private static bool IsLetIn(HttpContext context) => context.User.Identity is { IsAuthenticated: true }
        && context.GetEndpoint()?.Metadata is { } metadata && metadata.GetMetadata<AccessRequirement>() is not null && metadata.GetMetadata<IAuthorizeData>() is null;

    // WebApplication puts a middleware that it does not find in front of all others; it does not look into branches.
    private static void SkipFrameworks(IApplicationBuilder app, string middleware) => app.Properties[middleware] = true;
}
