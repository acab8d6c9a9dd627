using K8sQueue.Api.RateLimits;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace K8sQueue.Api.Health;

/// <summary>Registers the checks of <c>/health</c>: one for each dependency that is configured.</summary>
internal static class DependencyExtensions
{
    public static IServiceCollection AddDependencies(this IServiceCollection services)
    {
        services.AddSingleton(provider => DependencyOptions.From(provider.GetRequiredService<IConfiguration>()));
        services.AddSingleton<Dependencies>();
        services.AddHealthChecks().AddCheck<QueueHealthCheck>(Dependencies.Queue);
        services.AddSingleton<IConfigureOptions<HealthCheckServiceOptions>>(
            provider => new ConfigureOptions<HealthCheckServiceOptions>(checks => Add(checks, provider.GetRequiredService<DependencyOptions>(), provider.GetRequiredService<RateLimiting>())));
        return services;
    }

    private static void Add(HealthCheckServiceOptions checks, DependencyOptions options, RateLimiting limits)
    {
        if (options.Cache is { } cache)
            checks.Registrations.Add(new HealthCheckRegistration(Dependencies.Cache, _ => new CacheHealthCheck(cache), HealthStatus.Unhealthy, []));
        if (limits.Store is not null)
            checks.Registrations.Add(new HealthCheckRegistration(RateLimitHealthCheck.Name, _ => new RateLimitHealthCheck(limits), HealthStatus.Unhealthy, []));
        if (options is { Postgres: not null } or { PostgresFile: not null })
            checks.Registrations.Add(new HealthCheckRegistration(Dependencies.Postgres, _ => new PostgresHealthCheck(options), HealthStatus.Unhealthy, []));
    }
}
