using K8sQueue.Api.Dashboard.Assets;
using K8sQueue.Api.Dashboard.Login;
using K8sQueue.Api.Dashboard.Masking;
using K8sQueue.Api.Dashboard.Pages;
using K8sQueue.Api.Telemetry;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace K8sQueue.Api.Dashboard;

/// <summary>Adds the dashboard to the API.</summary>
internal static class DashboardExtensions
{
    public static IServiceCollection AddDashboard(this IServiceCollection services)
    {
        services.AddSingleton(provider => DashboardOptions.From(provider.GetRequiredService<IConfiguration>()));
        services.AddSingleton<SessionProtector>();
        services.AddSingleton<LoginAudit>();
        services.AddHostedService(provider => provider.GetRequiredService<LoginAudit>());
        services.AddSingleton<AssetStore>();
        services.AddSingleton<QueueTrends>();
        services.AddSingleton<WaitTrends>();
        services.AddSingleton(provider => new PayloadMask(provider.GetRequiredService<DashboardOptions>().MaskedFields));
        services.Configure<AuthenticationOptions>(options => options.AddScheme<SessionHandler>(SessionHandler.SchemeName, displayName: null));
        services.AddOidcLogin();
        return services;
    }

    public static void MapDashboard(this IEndpointRouteBuilder routes)
    {
        var policy = new AuthorizationPolicyBuilder(SessionHandler.SchemeName).RequireAuthenticatedUser().Build();
        routes.MapAssets();
        var open = Pages(routes);
        var pages = Pages(routes).RequireAuthorization(policy).AddEndpointFilter(DashboardGuard.FilterAsync);
        open.MapLogin(pages);
        pages.MapOverview();
        pages.MapQueuePages();
        pages.MapJobPages();
        pages.MapJobLists();
        pages.MapEnqueuePages();
        pages.MapDeadLetterPages();
        pages.MapLimitsPages();
        pages.MapSchedulePages();
        pages.MapScheduleForms();
        pages.MapBatchPages();
        pages.MapPoolPages();
        pages.MapBudgetPages();
        pages.MapWorkerPages();
        pages.MapDiagnosticsPages();
        pages.MapAuditPages();
        routes.MapQueueEvents(policy);
    }

    private static RouteGroupBuilder Pages(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").WithMetadata(new DashboardEndpoint(DashboardContent.Page)).ExcludeFromDescription();
        group.AddEndpointFilter(PageErrors.FilterAsync).AddEndpointFilter(SameOrigin.FilterAsync);
        return group;
    }
}
