using System.Net;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Prometheus;
using K8sQueue.Operator.Tests.Fakes;
using K8sQueue.Operator.Tests.Resources;

namespace K8sQueue.Operator.Tests.Controllers;

public sealed class PoolMonitoringTests
{
    private static readonly string[] Kinds = ["podmonitors", "prometheusrules"];
    private static readonly TimeSpan Resync = TimeSpan.FromMinutes(5);

    private readonly PoolHarness _harness = new();
    private readonly List<string> _calls = [];

    public PoolMonitoringTests() => _harness.Client.Before = call =>
    {
        if (Kinds.Any(kind => call.EndsWith(kind, StringComparison.Ordinal)))
            _calls.Add(call);
        return Task.CompletedTask;
    };

    [Fact]
    public async Task A_pool_that_asks_for_nothing_costs_no_call_and_says_nothing()
    {
        await StartAsync(_ => { });

        _calls.Should().BeEmpty();
        Said.Should().BeNull();
    }

    [Fact]
    public async Task What_is_asked_for_is_made_once_and_then_read_by_name_every_five_minutes()
    {
        await StartAsync();
        PodMonitor!.Spec.PodMetricsEndpoints.Single().Port.Should().Be("management");
        Rule!.Metadata.OwnerReferences!.Single().Name.Should().Be("emails");
        Said.Should().Match<V1Condition>(said => said.Status == "True" && said.Reason == "MonitoringInPlace");
        _calls.Clear();

        _harness.Ask(3);
        await _harness.SettleAsync();
        _calls.Should().BeEmpty("replicas are nothing to it");

        (await _harness.ReconcileAsync()).Should().BeLessThanOrEqualTo(Resync, "nothing else wakes the controller");
        _harness.Time.Advance(Resync);
        await _harness.SettleAsync();
        _calls.Should().Equal("get podmonitors", "get prometheusrules");
    }

    [Fact]
    public async Task What_somebody_changed_or_deleted_is_as_it_was_at_the_next_look()
    {
        await StartAsync();
        _harness.Cluster.Change<V1PodMonitor>("emails", Samples.Namespace, item => item.Spec.PodMetricsEndpoints[0].Port = "web");
        _harness.Cluster.Delete<V1PrometheusRule>("emails", Samples.Namespace);

        _harness.Time.Advance(Resync);
        await _harness.SettleAsync();

        PodMonitor!.Spec.PodMetricsEndpoints.Single().Port.Should().Be("management");
        Rule.Should().NotBeNull();
    }

    [Fact]
    public async Task A_change_of_the_spec_is_written_at_once()
    {
        await StartAsync();

        _harness.Edit(spec => spec.Monitoring.Labels = new() { ["release"] = "prometheus" });
        _harness.Edit(spec => spec.Drain.TimeoutSeconds = 500);
        await _harness.SettleAsync();

        PodMonitor!.Label("release").Should().Be("prometheus");
        Rule!.Spec.Groups.Single().Rules.Should().Contain(rule => rule.Expr.EndsWith("> 1030", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_the_Prometheus_operator_the_pool_works_and_says_so_once_and_it_is_found_within_a_minute()
    {
        _harness.Cluster.Unserved.UnionWith(Kinds);
        await StartAsync();
        _harness.Time.Advance(TimeSpan.FromMinutes(1));
        await _harness.SettleAsync();

        _calls.Should().BeEmpty("whether they are served is asked for all pools together");
        Said.Should().Match<V1Condition>(said => said.Status == "False" && said.Reason == "PrometheusOperatorNotInstalled"
            && said.Message!.Contains("PodMonitor", StringComparison.Ordinal) && said.Message.Contains("PrometheusRule", StringComparison.Ordinal));
        _harness.Condition("Ready").Status.Should().Be("True");
        _harness.Events.Where(item => item.Contains("Prometheus", StringComparison.Ordinal)).Should().Equal("Warning PrometheusOperatorNotInstalled");

        _harness.Cluster.Unserved.ExceptWith(Kinds);
        (await _harness.ReconcileAsync()).Should().BeLessThanOrEqualTo(TimeSpan.FromMinutes(1));
        _harness.Time.Advance(TimeSpan.FromMinutes(1));
        await _harness.SettleAsync();

        PodMonitor.Should().NotBeNull();
        Rule.Should().NotBeNull();
        Said!.Status.Should().Be("True");
        _harness.Events.Should().Contain("Normal MonitoringInPlace");
    }

    [Fact]
    public async Task Kinds_that_went_are_missing_at_the_next_look()
    {
        await StartAsync();
        _harness.Cluster.Unserved.UnionWith(Kinds);

        _harness.Time.Advance(Resync);
        await _harness.SettleAsync();

        Said!.Reason.Should().Be("PrometheusOperatorNotInstalled");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_turned_off_goes_even_if_the_operator_was_away(bool isRestarted)
    {
        await StartAsync();
        _harness.Edit(spec => spec.Monitoring = new MonitoringSpec());
        if (isRestarted)
            _harness.RestartOperator();

        await _harness.SettleAsync();

        PodMonitor.Should().BeNull();
        Rule.Should().BeNull();
        Said.Should().BeNull();
        _calls.Clear();
        _harness.Time.Advance(Resync);
        await _harness.SettleAsync();
        _calls.Should().BeEmpty();
    }

    [Fact]
    public async Task One_of_the_two_may_be_turned_off()
    {
        await StartAsync();

        _harness.Edit(spec => spec.Monitoring.PodMonitor = false);
        await _harness.SettleAsync();

        PodMonitor.Should().BeNull();
        Rule.Should().NotBeNull();
        Said!.Status.Should().Be("True");
    }

    [Fact]
    public async Task What_is_not_the_pools_is_named_and_left_alone()
    {
        _harness.Cluster.Create(new V1PodMonitor { Metadata = new V1ObjectMeta { Name = "emails", Namespace = Samples.Namespace } });
        await StartAsync();

        Said.Should().Match<V1Condition>(said => said.Reason == "ChildConflict" && said.Message!.Contains("PodMonitor 'emails'", StringComparison.Ordinal));
        _harness.Condition("Ready").Status.Should().Be("True");
        PodMonitor!.Spec.PodMetricsEndpoints.Should().BeEmpty();
        Rule.Should().NotBeNull();

        _harness.Edit(spec => spec.Monitoring.PodMonitor = false);
        await _harness.SettleAsync();
        PodMonitor.Should().NotBeNull("only what is the pool's is deleted");

        _harness.Edit(spec => spec.Monitoring.PodMonitor = true);
        await _harness.SettleAsync();
        _harness.Cluster.Delete<V1PodMonitor>("emails", Samples.Namespace);
        _harness.Time.Advance(TimeSpan.FromSeconds(15));
        await _harness.SettleAsync();
        PodMonitor!.Spec.PodMetricsEndpoints.Should().ContainSingle();
        Said!.Status.Should().Be("True");
    }

    [Theory]
    [InlineData("get podmonitors", HttpStatusCode.Forbidden, "MonitoringRefused")]
    [InlineData("create prometheusrules", HttpStatusCode.UnprocessableEntity, "MonitoringRefused")]
    [InlineData("create prometheusrules", HttpStatusCode.InternalServerError, "ApiCallFailed")]
    public async Task What_the_server_refuses_is_told_in_its_words_and_tried_again(string call, HttpStatusCode code, string reason)
    {
        _harness.Client.Before = made => made == call ? throw new KubernetesApiException(code, null, "said by the server") : Task.CompletedTask;
        await StartAsync();

        Said.Should().Match<V1Condition>(said => said.Reason == reason && said.Message!.Contains("said by the server", StringComparison.Ordinal));
        _harness.Condition("Ready").Status.Should().Be("True");

        _harness.Client.Before = _ => Task.CompletedTask;
        _harness.Time.Advance(TimeSpan.FromSeconds(15));
        await _harness.SettleAsync();
        Said!.Status.Should().Be("True");
    }

    [Fact]
    public async Task Pods_without_a_port_for_metrics_are_not_read_until_they_have_one()
    {
        await StartAsync(spec =>
        {
            Ask(spec);
            spec.Queues = [Samples.RawQueue("mail")];
        });
        Said.Should().Match<V1Condition>(said => said.Status == "False" && said.Reason == "NoMetricsPort");
        PodMonitor.Should().BeNull();
        Rule.Should().NotBeNull();

        _harness.Edit(spec => spec.Template = BuilderGoldenTests.Template(
            """{"spec": {"containers": [{"name": "worker", "image": "other:1", "ports": [{"name": "metrics", "containerPort": 9464}]}]} }"""));
        await _harness.SettleAsync();

        PodMonitor!.Spec.PodMetricsEndpoints.Single().Port.Should().Be("metrics");
        Said!.Status.Should().Be("True");
    }

    private V1PodMonitor? PodMonitor => _harness.Cluster.Get<V1PodMonitor>("emails", Samples.Namespace);

    private V1PrometheusRule? Rule => _harness.Cluster.Get<V1PrometheusRule>("emails", Samples.Namespace);

    private V1Condition? Said => _harness.Pool().Status!.Conditions.Find("Monitored");

    private static void Ask(WorkerPoolSpec spec) => spec.Monitoring = new MonitoringSpec { PodMonitor = true, Alerts = true };

    /// <summary>A pool with a worker that is ready.</summary>
    private async Task StartAsync(Action<WorkerPoolSpec>? change = null)
    {
        _harness.Create(Samples.Pool(change: change ?? Ask));
        await _harness.SettleAsync();
        _harness.Ask(1);
        await _harness.SettleAsync();
    }
}
