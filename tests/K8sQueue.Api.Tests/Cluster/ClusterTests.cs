using System.Net;
using System.Text.Json;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Cluster;

/// <summary>Pools, budgets and pods, as they are in a cluster.</summary>
[Collection(nameof(TestCluster))]
public sealed class ClusterTests(TestCluster cluster)
{
    [Fact]
    public async Task A_pool_shows_what_it_asks_for_what_it_has_and_what_limits_it()
    {
        await using var api = cluster.Timeless();

        var pool = await GetAsync(api, "/v1/pools/shop/emails");

        pool.GetProperty("replicas").GetRawText().Should().Be(
            """{"desired":12,"granted":1,"running":1,"draining":1,"waiting":1,"min":1,"max":6}""");
        pool.GetProperty("limitedBy").GetString().Should().Be("ConnectionBudget/orders-db");
        pool.GetProperty("observed").GetBoolean().Should().BeTrue();
        pool.GetProperty("revision").GetRawText().Should().Be("""{"current":"6b7f","stable":"6b7f","replicas":1}""");
        pool.GetProperty("queues").GetRawText().Should().Be("""[{"name":"emails","kind":"k8squeue"}]""");
        pool.GetProperty("budgets").GetRawText().Should().Be("""[{"name":"orders-db","perReplica":10}]""");
        pool.GetProperty("conditions")[0].GetProperty("reason").GetString().Should().Be("BudgetExhausted");
        pool.GetRawText().Should().NotContain("hunter2", "the template is nobody's business");
    }

    [Fact]
    public async Task A_pool_that_no_operator_has_seen_says_so()
    {
        await using var api = cluster.Timeless();

        var pool = await GetAsync(api, "/v1/pools/shop/reports");

        (pool.GetProperty("observed").GetBoolean(), pool.GetProperty("suspended").GetBoolean()).Should().Be((false, true));
        pool.GetProperty("replicas").GetProperty("max").GetInt32().Should().Be(10, "the spec's own maximum");
        pool.TryGetProperty("revision", out _).Should().BeFalse();
    }

    [Fact]
    public async Task Pools_come_by_namespace_and_name_page_by_page()
    {
        await using var api = cluster.Timeless();

        (await NamesAsync(api, "/v1/pools")).Should().Be("billing/invoices shop/emails shop/reports");
        (await NamesAsync(api, "/v1/pools?namespace=shop")).Should().Be("shop/emails shop/reports");
        var first = await GetAsync(api, "/v1/pools?limit=2");
        first.GetProperty("pools").GetArrayLength().Should().Be(2);
        (await NamesAsync(api, $"/v1/pools?limit=2&after={first.GetProperty("next").GetString()}")).Should().Be("shop/reports");
        (await NamesAsync(api, "/v1/pools?after=zz")).Should().BeEmpty();
    }

    [Fact]
    public async Task Only_the_namespaces_of_the_setting_are_looked_at()
    {
        await using var api = cluster.Timeless(("K8SQUEUE_CLUSTER_NAMESPACE", "billing, other"));

        (await NamesAsync(api, "/v1/pools")).Should().Be("billing/invoices");
        await (await api.Client().GetAsync("/v1/pools/shop/emails")).ShouldBeProblemAsync("pool-not-found");
        await (await api.Client().GetAsync("/v1/budgets/shop/orders-db")).ShouldBeProblemAsync("budget-not-found");
    }

    [Fact]
    public async Task A_pools_pods_tell_their_state()
    {
        await using var api = cluster.Timeless();

        var pods = (await GetAsync(api, "/v1/pools/shop/emails/pods")).GetProperty("pods").EnumerateArray().ToList();

        pods.Select(pod => $"{pod.GetProperty("name")} {pod.GetProperty("state")}").Should().Equal(
            "emails-6b7f-aaaaa ready", "emails-6b7f-bbbbb waiting", "emails-6b7f-ccccc draining");
        pods[0].GetProperty("connections").GetRawText().Should().Be("""{"orders-db":10}""");
        pods[0].GetProperty("revision").GetString().Should().Be("6b7f");
        pods[2].GetProperty("drainingSince").GetDateTimeOffset().Should().Be(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
        pods[2].GetProperty("connections").GetRawText().Should().Be("{}", "what can't be read is left out");
    }

    [Fact]
    public async Task A_budget_shows_who_holds_what()
    {
        await using var api = cluster.Timeless();

        var budget = await GetAsync(api, "/v1/budgets/shop/orders-db");

        budget.GetProperty("allocations").GetRawText().Should().Be(
            """[{"pool":"emails","perReplica":10,"minReplicas":1,"grantedReplicas":6,"pods":3,"connections":30}]""");
        budget.GetProperty("holders").EnumerateArray().Select(holder => $"{holder.GetProperty("pod")} {holder.GetProperty("state")}").Should().Equal(
            "emails-6b7f-aaaaa granted", "emails-6b7f-bbbbb pending", "emails-6b7f-zzzzz held");
        var listed = (await GetAsync(api, "/v1/budgets")).GetProperty("budgets").EnumerateArray().Should().ContainSingle().Which;
        listed.GetProperty("available").GetInt32().Should().Be(30);
        listed.TryGetProperty("holders", out _).Should().BeFalse("a list stays small");
    }

    [Theory]
    [InlineData("/v1/pools/shop/nobody", "pool-not-found")]
    [InlineData("/v1/pools/shop/nobody/pods", "pool-not-found")]
    [InlineData("/v1/budgets/nowhere/nobody", "budget-not-found")]
    [InlineData("/v1/pools/shop/a%2Cb", "invalid-parameter")]
    [InlineData("/v1/pools/shop/-emails", "invalid-parameter")]
    [InlineData("/v1/pools/Shop/emails/pods", "invalid-parameter")]
    [InlineData("/v1/pools?limit=0", "invalid-parameter")]
    public async Task What_is_not_there_or_no_name_is_refused(string path, string problem)
    {
        await using var api = cluster.Timeless();
        await (await api.Client().GetAsync(path)).ShouldBeProblemAsync(problem);
    }

    [Fact]
    public async Task A_cluster_that_hangs_is_503_within_the_deadline_and_is_read_again_once_it_answers()
    {
        await using var api = new TestApi(("KUBECONFIG", cluster.Kubeconfig));
        await Eventually.Passes(async () => (await NamesAsync(api, "/v1/pools")).Should().NotBeEmpty());

        await cluster.Program.SignalAsync("STOP");
        try
        {
            await Eventually.Passes(
                async () => await (await api.Client().GetAsync("/v1/budgets")).ShouldBeProblemAsync("cluster-unavailable"), TimeSpan.FromSeconds(20));
        }
        finally
        {
            await cluster.Program.SignalAsync("CONT");
        }

        await Eventually.Passes(
            async () => await (await api.Client().GetAsync("/v1/budgets")).ShouldBeAsync(HttpStatusCode.OK), TimeSpan.FromSeconds(20));
    }

    private static async Task<JsonElement> GetAsync(TestApi api, string path) => await (await api.Client().GetAsync(path)).ShouldBeAsync(HttpStatusCode.OK);

    private static async Task<string> NamesAsync(TestApi api, string path) => string.Join(
        ' ', (await GetAsync(api, path)).GetProperty("pools").EnumerateArray().Select(pool => $"{pool.GetProperty("namespace")}/{pool.GetProperty("name")}"));
}
