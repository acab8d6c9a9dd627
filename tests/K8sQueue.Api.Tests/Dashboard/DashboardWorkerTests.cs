using System.Net;
using K8sQueue.Api.Dashboard.Pages;
using K8sQueue.Api.Workers;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Tests.Dashboard;

/// <summary>The pages of workers and of diagnostics, without a cluster.</summary>
public sealed class DashboardWorkerTests
{
    [Fact]
    public async Task Workers_are_listed_with_the_jobs_that_they_run()
    {
        await using var api = new TestApi(("KUBECONFIG", ""));
        var visitor = await Visitor.LoggedInAsync(api);
        (await visitor.ReadAsync("/workers")).Should().Contain("No worker consumes a queue");
        var told = await api.Queue.EnqueueAsync(DashboardJobs.Request());
        await api.Queue.EnqueueAsync(DashboardJobs.Request(queue: "other"));
        await using var busy = await OpenAsync(api, "host-1.1f2e3d4c", "q", "other");
        await using var idle = await OpenAsync(api, "host-2.1f2e3d4c", "q");
        (await busy.FetchAsync(2, CancellationToken.None)).Should().HaveCount(2);

        var page = await visitor.ReadAsync("/workers");

        Row(page, "host-1").Should().Contain($"href=\"/jobs/{told}\"").And.Contain(">2</td>").And.Contain("href=\"/queues/other\"").And.NotContain("not told</div>");
        Row(page, "host-2").Should().Contain(">0</td>").And.NotContain("/jobs/").And.NotContain("Lost");
        var one = await visitor.ReadAsync("/workers?queue=other");
        one.Should().Contain("host-1").And.NotContain("host-2");
        (await visitor.ReadAsync($"/jobs/{told}")).Should().Contain("href=\"/workers?queue=q#worker-host-1.1f2e3d4c\"");
        (await visitor.ReadAsync("/workers?queue=No%20Queue", HttpStatusCode.BadRequest)).Should().Contain("not a queue name");
    }

    [Fact]
    public async Task A_key_sees_the_workers_of_its_queues_and_none_of_their_other_jobs()
    {
        await using var api = new TestApi(("KUBECONFIG", ""));
        var some = api.AddKey("some", "verbs=read;queues=mine");
        var writer = api.AddKey("writer", "verbs=enqueue");
        var mine = await api.Queue.EnqueueAsync(DashboardJobs.Request(queue: "mine"));
        var theirs = await api.Queue.EnqueueAsync(DashboardJobs.Request(queue: "theirs"));
        await using var worker = await OpenAsync(api, "host.1", "mine", "theirs");
        (await worker.FetchAsync(2, CancellationToken.None)).Should().HaveCount(2);
        var visitor = await Visitor.LoggedInAsync(api, some);

        (await visitor.ReadAsync("/workers")).Should().Contain(mine.Value).And.NotContain("theirs").And.NotContain(theirs.Ulid).And.Contain(">1</td>");
        await visitor.ReadAsync("/workers?queue=theirs", HttpStatusCode.Forbidden);
        await visitor.ReadAsync("/diagnostics", HttpStatusCode.Forbidden);
        (await visitor.ReadAsync("/")).Should().Contain("href=\"/workers\"").And.NotContain("href=\"/diagnostics\"");
        await (await Visitor.LoggedInAsync(api, writer)).ReadAsync("/workers", HttpStatusCode.Forbidden);
    }

    [Fact]
    public void A_worker_is_one_row_over_its_queues_and_lost_once_its_leases_have_ended()
    {
        var rows = WorkerRows.Of(
            [Worker("a", "host-1.1", inFlight: 2, age: 30), Worker("b", "host-1.1", inFlight: 1, age: 7), Worker("a", "host-0.1", inFlight: 0, age: 1)],
            [],
            new Dictionary<string, (Kubernetes.Models.NamespacedName, Api.Cluster.PodDocument)>());

        rows.Select(row => (row.PodName, row.InFlight, row.IsLost)).Should().Equal(("host-0", 0, false), ("host-1", 3, true));
        rows[1].Queues.Should().Equal("a", "b");
        rows[1].LastSeen.Should().Be(TimeSpan.FromSeconds(7), "its last sign of life counts");
    }

    [Fact]
    public async Task Diagnostics_show_what_fails_first_with_its_cause_and_its_remedy()
    {
        await using var api = new TestApi(("KUBECONFIG", ""));
        var visitor = await Visitor.LoggedInAsync(api);
        await api.Queue.EnqueueAsync(DashboardJobs.Request());
        await api.Queue.SetPausedAsync("q", true, CancellationToken.None);

        var page = await visitor.ReadAsync("/diagnostics");

        var unreachable = page.IndexOf("<code>redis-unreachable</code>", StringComparison.Ordinal);
        unreachable.Should().BePositive("no Redis is where the settings say");
        page.IndexOf("<code>paused-with-backlog</code>", StringComparison.Ordinal).Should().BeGreaterThan(unreachable, "it is a warning");
        page.IndexOf("<code>eviction-policy</code>", StringComparison.Ordinal).Should().BeGreaterThan(unreachable, "it was skipped");
        page.Should().Contain("Remedy").And.Contain("href=\"/queues/q\"").And.Contain("Cause").And.NotContain("`");
    }

    private static WorkerDocument Worker(string queue, string name, int inFlight, double age) =>
        new() { Queue = queue, Name = name, Pod = WorkerDocument.PodOf(name), InFlight = inFlight, LeaseAgeSeconds = age };

    private static async Task<IJobConsumer> OpenAsync(TestApi api, string name, params string[] queues) =>
        await api.Queue.OpenConsumerAsync(new JobConsumerOptions { Queues = queues, Name = name }, CancellationToken.None);

    private static string Row(string page, string worker)
    {
        var start = page.IndexOf($"id=\"worker-{worker}", StringComparison.Ordinal);
        start.Should().BePositive(worker);
        return page[start..page.IndexOf("</tr>", start, StringComparison.Ordinal)];
    }
}
