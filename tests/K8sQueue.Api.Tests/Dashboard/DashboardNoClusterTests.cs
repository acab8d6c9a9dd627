using System.Net;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Dashboard;

/// <summary>The pages of the cluster where there is none, and for keys that may not see it.</summary>
public sealed class DashboardNoClusterTests
{
    [Theory]
    [InlineData("/pools")]
    [InlineData("/pools/shop/emails")]
    [InlineData("/budgets")]
    [InlineData("/budgets/shop/orders-db")]
    public async Task Without_a_cluster_a_page_says_so_and_what_to_do(string path)
    {
        await using var api = new TestApi(("KUBECONFIG", ""));
        var visitor = await Visitor.LoggedInAsync(api);
        (await visitor.ReadAsync(path)).Should().Contain("The API has no cluster to look at").And.Contain("set KUBECONFIG").And.Contain("api.cluster.enabled");
    }

    [Fact]
    public async Task A_cluster_that_does_not_answer_is_said_on_the_page_which_stays_live()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, $$$"""
            apiVersion: v1
            kind: Config
            current-context: here
            clusters: [{name: here, cluster: {server: "http://127.0.0.1:{{{FreePort.Next()}}}"}}]
            contexts: [{name: here, context: {cluster: here}}]
            """);
        await using var api = new TestApi(("KUBECONFIG", file));
        var visitor = await Visitor.LoggedInAsync(api);
        foreach (var path in new[] { "/pools", "/pools/shop/emails", "/budgets", "/budgets/shop/orders-db" })
            (await visitor.ReadAsync(path)).Should().Contain("The cluster does not answer").And.Contain("data-live").And.Contain("data-refresh");
        (await visitor.ReadAsync("/workers")).Should().Contain("The cluster does not answer").And.Contain("No worker consumes a queue");
        File.Delete(file);
    }

    [Fact]
    public async Task A_key_that_may_not_read_all_queues_sees_nothing_of_the_cluster()
    {
        await using var api = new TestApi(("KUBECONFIG", ""));
        var some = api.AddKey("some", "queues=emails");
        var writer = api.AddKey("writer", "verbs=enqueue");
        var (seeing, blind) = (await Visitor.LoggedInAsync(api, some), await Visitor.LoggedInAsync(api, writer));
        foreach (var path in new[] { "/pools", "/pools/shop/emails", "/budgets", "/budgets/shop/orders-db" })
        {
            (await seeing.ReadAsync(path, HttpStatusCode.Forbidden)).Should().Contain("may not read in every queue");
            await blind.ReadAsync(path, HttpStatusCode.Forbidden);
        }

        (await seeing.ReadAsync("/")).Should().NotContain("href=\"/pools\"").And.NotContain("href=\"/budgets\"");
        (await (await Visitor.LoggedInAsync(api)).ReadAsync("/")).Should().Contain("href=\"/pools\"").And.Contain("href=\"/budgets\"");
    }
}
