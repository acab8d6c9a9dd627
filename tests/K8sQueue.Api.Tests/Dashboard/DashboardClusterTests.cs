using System.Net;
using K8sQueue.Api.Tests.Cluster;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Dashboard;

/// <summary>What the pages of the cluster say, without JavaScript.</summary>
[Collection(nameof(TestCluster))]
public sealed class DashboardClusterTests(TestCluster cluster)
{
    [Fact]
    public async Task Pools_are_listed_with_their_replicas_their_state_and_what_limits_them()
    {
        await using var api = cluster.Timeless();
        var visitor = await Visitor.LoggedInAsync(api);

        var page = await visitor.ReadAsync("/pools");

        page.Should().Contain("href=\"/pools/shop/emails\"").And.Contain("href=\"/budgets/shop/orders-db\">ConnectionBudget/orders-db<");
        Row(page, "shop/emails").Should().Contain(">12<").And.Contain("Unknown");
        Row(page, "shop/reports").Should().Contain("Suspended");
        Row(page, "billing/invoices").Should().Contain("Not observed");
        (await visitor.ReadAsync("/pools?after=shop/emails")).Should().Contain("shop/reports").And.NotContain("href=\"/pools/shop/emails\"");
    }

    [Fact]
    public async Task A_pool_shows_its_conditions_revisions_pods_and_its_backlog_beside_its_replicas()
    {
        await using var api = new TestApi(("KUBECONFIG", cluster.Kubeconfig));
        var reader = api.AddKey("reader", "queues=emails");
        await api.Queue.EnqueueAsync(DashboardJobs.Request(queue: "emails"));
        await using var worker = await api.Queue.OpenConsumerAsync(
            new JobConsumerOptions { Queues = ["emails"], Name = "emails-6b7f-ccccc.1f2e3d4c" }, CancellationToken.None);
        (await worker.FetchAsync(1, CancellationToken.None)).Should().ContainSingle();
        var visitor = await Visitor.LoggedInAsync(api);

        var page = "";
        await Eventually.Passes(async () =>
        {
            page = await visitor.ReadAsync("/pools/shop/emails");
            page.Should().Contain("Backlog and replicas, jobs (left) and replicas (right)").And.Contain("0 waiting, 1 in flight");
        });

        page.Should().Contain("BudgetExhausted").And.Contain("The budget orders-db allows no more replicas now.");
        page.Should().Contain("the current one, rolled out").And.Contain("href=\"/queues/emails\"").And.Contain("href=\"/budgets/shop/orders-db\"");
        Row(page, "emails-6b7f-aaaaa").Should().Contain(">ready<").And.Contain("orders-db 10");
        Row(page, "emails-6b7f-bbbbb").Should().Contain(">waiting<");
        Row(page, "emails-6b7f-ccccc").Should().Contain(">draining<").And.Contain("1 job left");
        Row(await visitor.ReadAsync("/workers"), "emails-6b7f-ccccc").Should().Contain(">draining<").And.Contain("1 job left").And.Contain(">local<")
            .And.Contain("href=\"/pools/shop/emails\"");
        var job = (await api.Queue.FindJobsAsync("emails", new JobFilter(JobState.Running), after: null, 1, CancellationToken.None)).Jobs.Single();
        (await visitor.ReadAsync($"/jobs/{job.Id}")).Should().Contain("<dt>Pod</dt>").And.Contain("emails-6b7f-ccccc").And.Contain("<dd>local</dd>")
            .And.Contain("href=\"/pools/shop/emails\"");
        var some = await Visitor.LoggedInAsync(api, reader);
        (await some.ReadAsync($"/jobs/{job.Id}")).Should().Contain("<dt>Lease</dt>").And.NotContain("<dt>Pod</dt>").And.NotContain("/pools/shop");
        page.Should().Contain("Asked for: last 12, most 12").And.Contain("Running: last 1, most 1").And.NotContain("hunter2");
        (await visitor.ReadAsync("/pools/shop/emails?span=week")).Should().Contain("aria-current=\"true\">7 days");
        (await visitor.ReadAsync("/pools/shop/nobody", HttpStatusCode.NotFound)).Should().Contain("no WorkerPool of this name");
        (await visitor.ReadAsync("/pools/shop/-emails", HttpStatusCode.BadRequest)).Should().Contain("must be a name");
    }

    [Fact]
    public async Task A_queue_leads_to_its_pool_where_that_may_be_seen()
    {
        await using var api = new TestApi(("KUBECONFIG", cluster.Kubeconfig));
        var some = api.AddKey("some", "queues=emails");
        await api.Queue.SetPausedAsync("emails", false, CancellationToken.None);
        var visitor = await Visitor.LoggedInAsync(api);

        await Eventually.Passes(async () => (await visitor.ReadAsync("/queues/emails")).Should().Contain("href=\"/pools/shop/emails\">shop/emails<"));
        (await (await Visitor.LoggedInAsync(api, some)).ReadAsync("/queues/emails")).Should().NotContain("/pools/shop");
    }

    [Fact]
    public async Task Budgets_show_who_has_what()
    {
        await using var api = cluster.Timeless();
        var visitor = await Visitor.LoggedInAsync(api);

        Row(await visitor.ReadAsync("/budgets"), "shop/orders-db").Should().Contain(">100<").And.Contain(">40<").And.Contain("WithinBudget")
            .And.Contain("Of 100 connections: Reserved 20, External: api 20, Pool emails 30, Free 30");
        var page = await visitor.ReadAsync("/budgets/shop/orders-db");

        Row(page, "External: api").Should().Contain(">20<").And.Contain("20%");
        Row(page, "href=\"/pools/shop/emails\"").Should().Contain(">30<").And.Contain(">3<").And.Contain(">10<").And.Contain(">6<");
        Row(page, "emails-6b7f-bbbbb").Should().Contain("its grant is under way");
        Row(page, "emails-6b7f-zzzzz").Should().Contain("without word of its end");
        page.Should().Contain("Unaccounted: not known");
        (await visitor.ReadAsync("/budgets/nowhere/nobody", HttpStatusCode.NotFound)).Should().Contain("no ConnectionBudget of this name");
    }

    private static string Row(string page, string name)
    {
        var at = page.IndexOf(name, page.IndexOf("<tbody>", StringComparison.Ordinal), StringComparison.Ordinal);
        at.Should().BeGreaterThan(0, name);
        var start = page.LastIndexOf("<tr>", at, StringComparison.Ordinal);
        return page[start..page.IndexOf("</tr>", at, StringComparison.Ordinal)];
    }
}
