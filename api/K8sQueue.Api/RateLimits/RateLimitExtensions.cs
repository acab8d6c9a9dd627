using K8sQueue.Api.Health;

namespace K8sQueue.Api.RateLimits;

/// <summary>Adds the limits of requests to the API.</summary>
internal static class RateLimitExtensions
{
    public static IServiceCollection AddRateLimits(this IServiceCollection services)
    {
        services.AddSingleton(provider =>
            RateLimitOptions.From(provider.GetRequiredService<IConfiguration>(), provider.GetRequiredService<DependencyOptions>()));
        services.AddSingleton<RateLimiting>();
        services.AddSingleton<RateLimitMetrics>();
        services.AddHostedService<RateLimitWatch>();
        return services;
    }

    /// <summary>Limits requests, where limits are set. Comes between authentication and authorization.</summary>
    public static void UseRateLimits(this WebApplication app)
    {
        if (app.Services.GetRequiredService<RateLimiting>().Buckets is not null)
            app.UseMiddleware<RateLimitMiddleware>();
    }
}
