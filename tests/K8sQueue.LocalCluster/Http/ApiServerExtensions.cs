using K8sQueue.LocalCluster.Access;
using K8sQueue.LocalCluster.Http;
using K8sQueue.LocalCluster.Http.Audit;
using K8sQueue.LocalCluster.Operations;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Serves the API over HTTP.</summary>
public static class ApiServerExtensions
{
    public static IServiceCollection AddApiServer(this IServiceCollection services, ApiServerOptions options)
    {
        services.AddClusterApi();
        services.AddSingleton(options);
        services.TryAddSingleton<ObjectLister>();
        services.TryAddSingleton<ObjectPatcher>();
        services.TryAddSingleton<ObjectApplier>();
        services.TryAddSingleton<ObjectHandlers>();
        services.TryAddSingleton<CollectionHandlers>();
        services.TryAddSingleton<WatchHandler>();
        services.TryAddSingleton<PodLogs>();
        services.TryAddSingleton<PodSubresources>();
        services.TryAddSingleton<ClusterTokens>();
        services.TryAddSingleton<RoleAuthorizer>();
        services.TryAddSingleton<AccessReviews>();
        services.TryAddSingleton<ServiceAccountTokens>();
        services.TryAddSingleton<ResourceDispatcher>();
        services.TryAddSingleton<Discovery>();
        services.TryAddSingleton<OpenApi>();
        services.TryAddSingleton<ApiServer>();
        if (options.AuditLog is { } file)
            services.AddSingleton(_ => new AuditLog(file));
        return services;
    }

    public static void UseApiServer(this WebApplication app)
    {
        if (app.Services.GetService<AuditLog>() is not null)
            app.UseMiddleware<RequestAudit>();
        app.UseMiddleware<TokenAuthentication>();
        var server = app.Services.GetRequiredService<ApiServer>();
        app.Run(server.InvokeAsync);
    }
}
