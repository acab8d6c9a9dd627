using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Hosting;
using K8sQueue.Operator.Resources;
using K8sQueue.Operator.Resources.Pods;
using K8sQueue.Operator.Tests.Fakes;
using K8sQueue.Testing;

namespace K8sQueue.Operator.Tests.Resources;

public sealed partial class MonitoringBuilderTests
{
    [Fact]
    public void A_PodMonitor_reads_the_management_port_of_the_pools_pods() => Golden.Verify(PodMonitorBuilder.Build(Monitored())!, "podmonitor");

    [Fact]
    public void A_PrometheusRule_has_the_pools_alerts() => Golden.Verify(PrometheusRuleBuilder.Build(Monitored()), "prometheusrule");

    [Fact]
    public void Labels_of_the_operators_own_can_not_be_taken_over()
    {
        var pool = Samples.Pool(change: spec => spec.Monitoring.Labels = new() { [Labels.Pool] = "others" });

        PrometheusRuleBuilder.Build(pool).Metadata.Labels![Labels.Pool].Should().Be("emails");
    }

    [Fact]
    public void Dead_letters_are_those_of_native_queues_alone() =>
        PrometheusRuleBuilder.Build(Samples.Pool(change: spec => spec.Queues = [Samples.RawQueue("mail")])).Spec.Groups.Single().Rules
            .Should().NotContain(rule => rule.Alert == "K8sQueueJobsBuried");

    [Theory]
    [InlineData(true, """{"name": "worker"}""", "management")]
    [InlineData(true, """{"name": "worker", "ports": [{"name": "web", "containerPort": 80}]}""", "management")]
    [InlineData(true, """{"name": "worker", "ports": [{"name": "health", "containerPort": 8081}]}""", "health")]
    [InlineData(true, """{"name": "worker", "ports": [{"containerPort": 8081}]}""", null)]
    [InlineData(true, """{"name": "worker", "ports": [{"name": "health", "containerPort": 9}], "env": [{"name": "K8SQUEUE_MANAGEMENT_PORT", "value": "9"}]}""", "health")]
    [InlineData(true, """{"name": "worker"}, {"name": "proxy", "ports": [{"name": "metrics", "containerPort": 7}]}""", "metrics")]
    [InlineData(false, """{"name": "worker"}""", null)]
    [InlineData(false, """{"name": "worker", "ports": [{"name": "health", "containerPort": 8081}]}""", null)]
    [InlineData(false, """{"name": "worker", "ports": [{"name": "management", "containerPort": 8081}]}""", "management")]
    [InlineData(false, """{"name": "worker", "ports": [{"name": "metrics", "containerPort": 7}, {"name": "management", "containerPort": 8081}]}""", "metrics")]
    [InlineData(false, """{"name": "worker", "ports": "none"}""", null)]
    public void The_port_is_the_one_that_the_pods_have(bool isNative, string containers, string? expected)
    {
        var pool = Samples.Pool(change: spec =>
        {
            spec.Queues = isNative ? spec.Queues : [Samples.RawQueue("mail")];
            spec.Template = BuilderGoldenTests.Template($$"""{"spec": {"containers": [{{containers}}]} }""");
        });

        MetricsPort.NameOf(pool.Spec).Should().Be(expected);
    }

    [Fact]
    public void Alerts_are_over_metrics_that_there_are()
    {
        var exported = new ConcurrentBag<string>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => exported.Add(instrument.Name) };
        listener.Start();
        _ = new OperatorMetrics(new FakeMeters(), FakeStores.Over(new FakeCluster(TimeProvider.System)), new OperatorStatus([]), TimeProvider.System);
        var api = File.ReadAllText(Path.Combine(RepositoryFolder.Root, "api", "K8sQueue.Api", "Telemetry", "QueueMetrics.cs"));
        // As /metrics of the API has it.
        if (api.Contains("\"k8squeue.queue.jobs\"", StringComparison.Ordinal) && api.Contains("\"step\", \"buried\"", StringComparison.Ordinal))
            exported.Add("k8squeue_queue_jobs_total");

        var read = PrometheusRuleBuilder.Build(Monitored()).Spec.Groups.Single().Rules.SelectMany(rule => Metric().Matches(rule.Expr)).Select(match => match.Value);

        read.Distinct().Should().HaveCount(5).And.BeSubsetOf(exported);
    }

    private static V1Alpha1WorkerPool Monitored() => Samples.Pool(change: spec =>
    {
        spec.Queues = [Samples.Queue("emails"), Samples.Queue("emails.eu")];
        spec.Monitoring = new MonitoringSpec { PodMonitor = true, Alerts = true, Labels = new() { ["release"] = "prometheus" } };
    });

    [GeneratedRegex("k8squeue_[a-z_]+")]
    private static partial Regex Metric();
}
