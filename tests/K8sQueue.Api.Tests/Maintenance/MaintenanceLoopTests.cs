using K8sQueue.Core.Queues;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Maintenance;

public sealed class MaintenanceLoopTests
{
    [Fact]
    public async Task A_delayed_job_becomes_due_with_no_worker_there()
    {
        await using var api = new TestApi();
        await api.PostAsync("/v1/queues/emails/jobs", """{"type":"t","delaySeconds":0.2}""");
        await Eventually.IsTrue(async () =>
            (await api.Queue.GetStatisticsAsync("emails", CancellationToken.None)).Backlog.Waiting == 1);
    }

    [Fact]
    public async Task An_outage_is_logged_once_and_the_work_goes_on_after_it()
    {
        var logs = new LogCollector();
        await using var api = new TestApi();
        await using var logged = api.WithWebHostBuilder(logs.AddTo);
        using var client = logged.CreateClient();
        client.DefaultRequestHeaders.Add("X-Api-Key", api.Secret);
        var calls = 0;
        api.Queue.Fault = () =>
        {
            calls++;
            return new JobQueueUnavailableException("down");
        };

        // Others of the host's loops call it, too.
        await Eventually.IsTrue(() => calls >= 3 && Count("maintenance fails") > 0);
        api.Queue.Fault = null;
        await client.PostAsync("/v1/queues/emails/jobs", new StringContent("""{"type":"t","delaySeconds":0.1}""", null, "application/json"));
        await Eventually.IsTrue(async () =>
            (await api.Queue.GetStatisticsAsync("emails", CancellationToken.None)).Backlog.Waiting == 1);
        await Eventually.IsTrue(() => Count("maintenance works again") > 0);
        Count("maintenance fails").Should().Be(1);
        Count("maintenance works again").Should().Be(1);

        int Count(string text) => logs.Entries.Count(e => e.Contains(text, StringComparison.Ordinal));
    }
}
