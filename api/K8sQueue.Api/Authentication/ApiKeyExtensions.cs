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
}
