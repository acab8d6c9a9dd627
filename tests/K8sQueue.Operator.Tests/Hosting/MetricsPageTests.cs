using System.Net;
using K8sQueue.Core.Telemetry;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Configuration;
using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.LeaderElection;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Telemetry;
using K8sQueue.Kubernetes.WorkQueues;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Hosting;
using K8sQueue.Operator.Push;
using K8sQueue.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Operator.Tests.Hosting;

/// <summary>docs/reference/metrics.md is true of the operator.</summary>
public class MetricsPageTests
{
    [Fact]
    public async Task The_page_has_every_metric_of_the_operator_and_no_other()
    {
        await using var provider = Build(out var kinds);
        foreach (var kind in kinds)
            provider.GetRequiredService(kind);
        Measure(provider);

        // Tests beside may have meters that belong to no host.
        var text = provider.GetRequiredService<PrometheusTextCollector>().Collect();
        MetricsPage.Shown(text).Where(metric => !metric.StartsWith("k8squeue_tests_", StringComparison.Ordinal))
            .Should().BeEquivalentTo(MetricsPage.Documented("Operator", MetricsPage.EveryProcess).Select(metric => metric.ToString()));
        MetricsPage.WithOtherLabels(text).Where(series => !series.StartsWith("k8squeue_tests_", StringComparison.Ordinal)).Should().BeEmpty();
    }

    /// <summary>What the program registers, with push, and all that is called metrics of it.</summary>
    private static ServiceProvider Build(out IReadOnlyList<Type> metrics)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddWorkerPoolOperator(new OperatorSettings
        {
            LeaseNamespace = "k8squeue-system",
            Push = new PushSettings(new IPEndPoint(IPAddress.Loopback, 9443), "k8squeue-push.k8squeue-system:9443"),
        });
        services.AddK8sQueueMetrics();
        services.Configure<KubernetesClientOptions>(options => options.Configuration = new KubernetesClientConfiguration { Server = new Uri("http://127.0.0.1:1") });
        metrics = [.. services.Select(service => service.ServiceType).Where(type => type.Name.EndsWith("Metrics", StringComparison.Ordinal)).Distinct()];
        metrics.Should().HaveCountGreaterThan(5);
        return services.BuildServiceProvider();
    }

    private static void Measure(IServiceProvider provider)
    {
        var pool = new NamespacedName("shop", "emails");
        provider.GetRequiredService<DrainMetrics>().Drained(pool, DrainMetrics.Outcomes.Idle);
        provider.GetRequiredService<DrainMetrics>().Killed(pool);
        provider.GetRequiredService<LeaderElectionMetrics>().Waits(OperatorSettings.LeaseName);
        provider.GetRequiredService<RestClientMetrics>().Ended(HttpMethod.Get, "127.0.0.1", 200, TimeSpan.Zero);
        var controllers = provider.GetRequiredService<ControllerMetrics>();
        controllers.Start("workerpool", 8);
        controllers.Started("workerpool");
        controllers.Ended("workerpool", ControllerMetrics.Results.Success, TimeSpan.Zero);
        var queues = provider.GetRequiredService<WorkQueueMetrics>();
        queues.Start("workerpool", static () => default);
        queues.Taken("workerpool", TimeSpan.Zero);
        queues.Worked("workerpool", TimeSpan.Zero);
    }
}
