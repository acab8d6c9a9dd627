using K8sQueue.Api.Cluster.Resources;
using K8sQueue.Api.Dashboard.Charts;
using K8sQueue.Api.Telemetry;
using K8sQueue.Core.Trends;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Dashboard;

public sealed class PoolTrendsTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void A_pools_replicas_are_kept_and_what_was_not_seen_is_not_known()
    {
        var trends = new PoolTrends(_time);
        trends.Add([Pool("a", desired: 3, ready: 1)]);
        _time.Advance(TimeSpan.FromMinutes(1));
        trends.Add([Pool("a", desired: 3, ready: 3)]);
        _time.Advance(TimeSpan.FromMinutes(2));

        var points = trends.Of(Pool("a", desired: 0, ready: 2), TrendSpan.Hour);

        points.TakeLast(4).Should().Equal(new PoolPoint(3, 1), new PoolPoint(3, 3), null, new PoolPoint(0, 2));
        points.SkipLast(4).Should().OnlyContain(point => point == null);
        trends.Of(Pool("a"), TrendSpan.Week).Should().HaveCount(168);
    }

    [Fact]
    public void A_pool_that_is_gone_is_forgotten()
    {
        var trends = new PoolTrends(_time);
        trends.Add([Pool("a", ready: 1), Pool("b", ready: 1)]);
        trends.Consuming("emails").Should().Equal(new NamespacedName("shop", "a"), new NamespacedName("shop", "b"));
        trends.Consuming("other").Should().BeEmpty();
        trends.Add([Pool("b", ready: 1)]);
        _time.Advance(TimeSpan.FromMinutes(1));

        trends.Of(Pool("a"), TrendSpan.Hour)[^2].Should().BeNull();
        trends.Of(Pool("b"), TrendSpan.Hour)[^2].Should().Be(new PoolPoint(0, 1));
        trends.Consuming("emails").Should().Equal(new NamespacedName("shop", "b"));
    }

    [Fact]
    public void Backlog_and_replicas_have_a_scale_each()
    {
        PoolPoint?[] replicas = [null, new PoolPoint(4, 2)];
        TrendPoint?[] first = [null, new TrendPoint(0, 0, 0, 300)], second = [new TrendPoint(0, 0, 0, 5), new TrendPoint(0, 0, 0, 100)];

        var chart = TrendCharts.Replicas(replicas, [first, second], TrendSpan.Hour, _time.GetUtcNow());
        chart.Lines[0].Values.Should().Equal(5, 400);
        (chart.MostOf(rightUnit: null), chart.MostOf(chart.RightUnit)).Should().Be((400, 4));
        var alone = TrendCharts.Replicas(replicas, [], TrendSpan.Hour, _time.GetUtcNow());
        (alone.Unit, alone.RightUnit, alone.Lines.Count).Should().Be(("replicas", null, 2));
    }

    private static WorkerPoolResource Pool(string name, int desired = 0, int ready = 0) => new()
    {
        Metadata = new V1ObjectMeta { Namespace = "shop", Name = name },
        Spec = new PoolSpec
        {
            Queues = [new PoolQueue { Name = "emails", Others = new() { ["k8squeue"] = System.Text.Json.JsonDocument.Parse("{}").RootElement } }],
        },
        Status = new PoolStatus { DesiredReplicas = desired, ReadyReplicas = ready },
    };
}
