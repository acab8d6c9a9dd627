using K8sQueue.Api.Authentication.Oidc;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;

namespace K8sQueue.Api.Dashboard.Login;

/// <summary>Adds the dashboard's login by OpenID Connect, where it is configured.</summary>
internal static class OidcLoginExtensions
{
    public static IServiceCollection AddOidcLogin(this IServiceCollection services)
    {
        services.AddSingleton<IConfigureOptions<OpenIdConnectOptions>, OidcLogin>();
        services.AddSingleton<IPostConfigureOptions<OpenIdConnectOptions>>(
            provider => new OpenIdConnectPostConfigureOptions(provider.GetRequiredService<SessionProtector>().Logins));
        return services.AddSingleton<IConfigureOptions<AuthenticationOptions>>(provider => new ConfigureOptions<AuthenticationOptions>(options =>
        {
            if (provider.GetRequiredService<OidcOptions>().HasLogin)
                options.AddScheme<OpenIdConnectHandler>(OidcLogin.SchemeName, displayName: null);
        }));
    }
}
