using System.Globalization;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.ReplicaSets;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Tests.Controllers;

public sealed class ScaleDownRankingTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_rules_hold_in_the_order_of_the_real_controller()
    {
        JsonObject[] pods =
        [
            Pod("old", created: 7200),
            Pod("ready-long", readyFor: 3600),
            Pod("restarted", readyFor: 3600, restarts: 2),
            Pod("ready-short", readyFor: 10),
            Pod("cheap", readyFor: 7200, cost: -5),
            Pod("not-ready", ready: false),
            Pod("unknown", phase: "Unknown", ready: false),
            Pod("pending", phase: "Pending", ready: false, cost: 100),
            Pod("unassigned", phase: "Pending", ready: false, node: null, cost: 1000),
        ];

        Order(pods).Should().Equal("unassigned", "pending", "unknown", "not-ready", "cheap", "ready-short", "restarted", "ready-long", "old");
    }

    [Fact]
    public void An_unassigned_pod_goes_before_one_with_a_lower_deletion_cost() =>
        Order(Pod("cheap", cost: -1000), Pod("gated", phase: "Pending", ready: false, node: null)).Should().Equal("gated", "cheap");

    [Fact]
    public void Pods_ready_for_about_as_long_go_by_their_UID() =>
        Order(Pod("b", readyFor: 3000), Pod("a", readyFor: 3600)).Should().Equal("a", "b");

    [Fact]
    public void A_crowded_node_gives_first()
    {
        var crowded = Pod("crowded", node: "one");
        var alone = Pod("alone", node: "two");

        ScaleDownRanking.Order([alone, crowded], [alone, crowded, Pod("sibling", node: "one")], Now).Select(p => p.Name()).Should().Equal("crowded", "alone");
    }

    [Theory]
    [InlineData("Running", false, true)]
    [InlineData("Running", true, false)]
    [InlineData("Failed", false, false)]
    [InlineData("Succeeded", false, false)]
    [InlineData("Pending", false, true)]
    public void A_pod_that_ends_or_ended_is_not_active(string phase, bool deleting, bool active)
    {
        var pod = Pod("pod", phase: phase);
        if (deleting)
            pod["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:00Z";
        PodState.IsActive(pod).Should().Be(active);
    }

    private static IEnumerable<string> Order(params JsonObject[] pods) => ScaleDownRanking.Order(pods, pods, Now).Select(p => p.Name());

    private static JsonObject Pod(
        string name, string phase = "Running", bool ready = true, string? node = "local", int? cost = null, int readyFor = 3600, int restarts = 0, int created = 3700)
    {
        var pod = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["uid"] = name, ["creationTimestamp"] = ObjectMeta.Timestamp(Now.AddSeconds(-created)) },
            ["spec"] = new JsonObject(),
            ["status"] = new JsonObject
            {
                ["phase"] = phase,
                ["conditions"] = new JsonArray(new JsonObject
                {
                    ["type"] = "Ready",
                    ["status"] = ready ? "True" : "False",
                    ["lastTransitionTime"] = ObjectMeta.Timestamp(Now.AddSeconds(-readyFor)),
                }),
                ["containerStatuses"] = new JsonArray(new JsonObject { ["name"] = "main", ["restartCount"] = restarts }),
            },
        };
        if (node is not null)
            pod["spec"]!["nodeName"] = node;
        if (cost is { } value)
            pod["metadata"]!["annotations"] = new JsonObject { ["controller.kubernetes.io/pod-deletion-cost"] = value.ToString(CultureInfo.InvariantCulture) };
        return pod;
    }
}
