using K8sQueue.Worker.Tests.Support;

namespace K8sQueue.Worker.Tests.Hosting;

/// <summary>docs/reference/metrics.md is true of a worker's management port; the queue in memory has no client of its own.</summary>
public sealed class MetricsPageTests
{
    [Fact]
    public async Task The_page_has_every_metric_of_a_worker_and_no_other()
    {
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => Task.CompletedTask));
        await worker.EndOfAsync(await worker.EnqueueAsync("t"));

        var text = await worker.Management.GetStringAsync(new Uri("metrics", UriKind.Relative));

        MetricsPage.Shown(text).Should().BeEquivalentTo(MetricsPage.Documented("Worker", MetricsPage.EveryProcess).Select(metric => metric.ToString()));
        MetricsPage.WithOtherLabels(text).Should().BeEmpty();
    }
}
