using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;

namespace K8sQueue.Api.Authentication.Oidc;

/// <summary>Lets requests show tokens of an issuer in place of a key.</summary>
internal static class OidcExtensions
{
    public static IServiceCollection AddOidcTokens(this IServiceCollection services)
    {
        services.AddSingleton(provider => OidcOptions.From(provider.GetRequiredService<IConfiguration>()));
        services.AddSingleton<OidcMetadata>();
        services.AddSingleton<IConfigureOptions<JwtBearerOptions>, OidcTokens>();
        services.AddSingleton<IConfigureOptions<AuthenticationOptions>>(provider => new ConfigureOptions<AuthenticationOptions>(options =>
        {
            if (provider.GetRequiredService<OidcOptions>().TakesTokens)
                options.AddScheme<JwtBearerHandler>(OidcTokens.SchemeName, displayName: null);
        }));

        // Who shows a token is authenticated by it, everybody else by a key.
        services.AddSingleton<IConfigureOptions<AuthenticationSchemeOptions>>(provider => new ConfigureNamedOptions<AuthenticationSchemeOptions>(
            ApiKeyHandler.SchemeName,
            options =>
            {
                if (provider.GetRequiredService<OidcOptions>().TakesTokens)
                    options.ForwardDefaultSelector = static context => OidcTokens.IsShown(context.Request) ? OidcTokens.SchemeName : null;
            }));
        return services;
    }
}
