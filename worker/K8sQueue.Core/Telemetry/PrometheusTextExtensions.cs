using System.Text;
using K8sQueue.Core.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Registers the collector behind <c>/metrics</c>.</summary>
    public static class PrometheusTextServiceCollectionExtensions
    {
        /// <summary>Adds <see cref="PrometheusTextCollector"/> and the <see cref="System.Diagnostics.Metrics.IMeterFactory"/> that it listens to.</summary>
        public static IServiceCollection AddK8sQueueMetrics(
            this IServiceCollection services, Action<PrometheusTextOptions>? configure = null)
        {
            ArgumentNullException.ThrowIfNull(services);
            services.AddMetrics();
            if (configure is not null)
                services.Configure(configure);
            services.TryAddSingleton<PrometheusTextCollector>();
            return services;
        }
    }
}

namespace Microsoft.AspNetCore.Builder
{
    /// <summary>Maps <c>/metrics</c>.</summary>
    public static class PrometheusTextEndpointExtensions
    {
        /// <summary>
        /// Serves <see cref="PrometheusTextCollector.Collect"/>. The collector starts to listen here, not at the first scrape, so that
        /// nothing measured earlier is missing.
        /// </summary>
        public static IEndpointConventionBuilder MapPrometheusMetrics(this IEndpointRouteBuilder endpoints, string pattern = "/metrics")
        {
            ArgumentNullException.ThrowIfNull(endpoints);
            var collector = endpoints.ServiceProvider.GetRequiredService<PrometheusTextCollector>();
            return endpoints.MapGet(pattern, new RequestDelegate(context => WriteAsync(context, collector)));
        }

        private static async Task WriteAsync(HttpContext context, PrometheusTextCollector collector)
        {
            context.Response.ContentType = PrometheusTextCollector.ContentType;
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(collector.Collect()), context.RequestAborted);
        }
    }
}
