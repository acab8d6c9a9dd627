using System.Text.Json.Serialization;
using K8sQueue.Api.Audit;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Authentication.Oidc;
using K8sQueue.Api.Cluster;
using K8sQueue.Api.Contracts;
using K8sQueue.Api.Dashboard;
using K8sQueue.Api.Dashboard.Login;
using K8sQueue.Api.Diagnostics;
using K8sQueue.Api.Endpoints;
using K8sQueue.Api.Enqueueing;
using K8sQueue.Api.Events;
using K8sQueue.Api.Health;
using K8sQueue.Api.Hosting.Document;
using K8sQueue.Api.Maintenance;
using K8sQueue.Api.Problems;
using K8sQueue.Api.RateLimits;
using K8sQueue.Api.Telemetry;
using K8sQueue.Api.Workers;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Telemetry;
using K8sQueue.Worker.Hosting;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace K8sQueue.Api.Hosting;

/// <summary>Puts the API together.</summary>
internal static class ApiHost
{
    public const string DefaultUrl = "http://0.0.0.0:8080";

    /// <exception cref="ApiConfigurationException">The API must not start as it is configured.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);

        // The lowest layer of the configuration, so that a setting or the environment overrides it.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData =
            [
                new("Logging:LogLevel:Microsoft.AspNetCore", nameof(LogLevel.Warning)),
                new($"Logging:LogLevel:{AuditMiddleware.EnqueuesCategory}", nameof(LogLevel.Warning)),
            ],
        });
        builder.WebHost.UseKestrelHttpsConfiguration();
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey])
            && string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.HttpPortsKey]))
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        builder.WebHost.ConfigureKestrel(KestrelLimits.Apply);
        builder.WebHost.ConfigureKestrel(ServedCertificate.Apply);
        builder.Services.AddOtlpMetrics(builder.Configuration, "k8squeue-api");
        builder.Services.AddRedisJobQueue(builder.Configuration);
        builder.Services.AddJobRoutes(builder.Configuration);
        builder.Services.AddK8sQueueApi();
        configure?.Invoke(builder);
        return RefuseBadConfiguration(() =>
        {
            builder.Services.AddBackgroundWorker(builder.Configuration);
            var app = builder.Build();
            app.UseK8sQueueApi();
            return app;
        });
    }

    public static IServiceCollection AddK8sQueueApi(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJsonContext.Default);
            options.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        });
        services.AddSingleton<ServedCertificate>();
        services.AddHostedService(provider => provider.GetRequiredService<ServedCertificate>());
        services.AddHttpLogging(KestrelLimits.ConfigureHttpLogging);
        services.AddExceptionHandler<ProblemExceptionHandler>();
        services.AddApiKeys();
        services.AddOidcTokens();
        services.AddApiDocument();
        services.AddDashboard();
        services.AddK8sQueueMetrics();
        services.AddSingleton<QueueMetrics>();
        services.AddSingleton<EnqueueBatcher>();
        services.AddSingleton<EventFeeds>();
        services.AddSingleton<JobWaits>();
        services.AddSingleton<BrokerHealth>();
        services.AddDependencies();
        services.AddRateLimits();
        services.AddCluster();
        services.AddDiagnostics();
        services.AddHostedService<MaintenanceLoop>();
        services.AddHostedService<QueueSampler>();
        return services;
    }

    public static void UseK8sQueueApi(this WebApplication app)
    {
        ReadSettings(app.Services);
        app.UseTrustedProxies();
        app.UseSecurityHeaders();
        app.UseHttpLogging();
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = static _ => Task.CompletedTask });
        app.UseStatusCodePages(static context =>
            new Problem(ProblemTypes.ForStatus(context.HttpContext.Response.StatusCode)).ExecuteAsync(context.HttpContext));
        app.UseApiKeys();
        app.UseRateLimits();
        app.UseFallbackPolicy();
        app.UseMiddleware<AuditMiddleware>();
        app.UseForeignPages();
        app.UseAccess();
        app.UseDryRuns();
        app.MapHealth();
        app.MapJobs();
        app.MapJobActions();
        app.MapBulk();
        app.MapQueues();
        app.MapDeadLetters();
        app.MapSchedules();
        app.MapEvents();
        app.MapLimits();
        app.MapBatches();
        app.MapAudit();
        app.MapKeys();
        app.MapCluster();
        app.MapWorkers();
        app.MapDiagnostics();
        app.MapApiDocument();
        app.MapDashboard();
    }

    /// <summary>Reads the settings before anything listens.</summary>
    private static void ReadSettings(IServiceProvider services)
    {
        _ = services.GetRequiredService<OidcOptions>();
        _ = services.GetRequiredService<ApiKeyRing>();
        _ = services.GetRequiredService<SessionProtector>();
        _ = services.GetRequiredService<IJobQueue>();
        _ = services.GetRequiredService<JobRoutes>();
        _ = services.GetRequiredService<ClusterOptions>();
        _ = services.GetRequiredService<DependencyOptions>();
        _ = services.GetRequiredService<RateLimitOptions>();
        if (!BackgroundWorker.IsDisabled(services.GetRequiredService<IConfiguration>()))
            _ = services.GetRequiredService<IOptions<WorkerOptions>>().Value;
    }

    // Some settings are read while the server is put together, most just after.
    private static WebApplication RefuseBadConfiguration(Func<WebApplication> build)
    {
        try
        {
            return build();
        }
        catch (Exception e) when (e is OptionsValidationException or FormatException or WorkerConfigurationException)
        {
            throw new ApiConfigurationException(e.Message);
        }
    }
}
