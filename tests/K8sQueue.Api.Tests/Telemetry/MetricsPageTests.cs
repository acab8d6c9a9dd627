using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Api.Tests.Telemetry;

/// <summary>docs/reference/metrics.md is true of the API and of the worker, which is the same in the API's process as in its own.</summary>
public sealed class MetricsPageTests
{
    private const string Handlers = """--K8SQUEUE_HANDLERS={"*": {"exec": {"command": ["cat"]}}}""";

    [Fact]
    public async Task The_page_has_every_metric_of_the_API_and_of_a_worker_and_no_other()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var cache = await RedisServer.StartAsync();
        await using var api = await KestrelApi.StartAsync(
            redis.Address, $"--K8SQUEUE_CACHE_REDIS_ADDRESS={cache.Address}", "--DISABLE_BACKGROUND_WORKERS=false", "--K8SQUEUE_QUEUES=emails", Handlers);
        var queue = api.Services.GetRequiredService<IJobQueue>();
        await queue.EnqueueAsync([new JobRequest { Queue = "emails", Type = "t" }], CancellationToken.None);

        var text = await ReadAsync(api, "k8squeue_jobs_total{");
        MetricsPage.Shown(text).Should().BeEquivalentTo(
            MetricsPage.Documented("API", "Worker", MetricsPage.Client, MetricsPage.EveryProcess).Select(metric => metric.ToString()));
        MetricsPage.WithOtherLabels(text).Should().BeEmpty();
    }

    [Fact]
    public async Task An_API_without_a_worker_or_a_cache_shows_nothing_of_these()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var api = await KestrelApi.StartAsync(redis.Address);

        MetricsPage.Shown(await ReadAsync(api, "k8squeue_broker_up 1")).Should().BeEquivalentTo(
            MetricsPage.Documented("API", MetricsPage.Client, MetricsPage.EveryProcess).Select(metric => metric.ToString())
                .Where(metric => !metric.StartsWith("k8squeue_rate_limit_", StringComparison.Ordinal)));
    }

    [Fact]
    public void Each_metric_is_there_once_and_named_by_its_type_and_unit()
    {
        var metrics = MetricsPage.Documented();

        metrics.Select(metric => metric.Name).Should().OnlyHaveUniqueItems();
        metrics.Should().OnlyContain(metric => metric.Name.EndsWith("_total", StringComparison.Ordinal) == (metric.Type == "counter"));
        metrics.Should().OnlyContain(metric => metric.Name.Contains("_seconds", StringComparison.Ordinal) == (metric.Unit == "seconds"));
        metrics.Should().OnlyContain(metric => metric.Name.EndsWith("_bytes", StringComparison.Ordinal) == (metric.Unit == "bytes"));
    }

    /// <summary>What it shows once that is in it.</summary>
    private static async Task<string> ReadAsync(KestrelApi api, string awaited)
    {
        using var client = api.Client();
        var text = "";
        await Eventually.IsTrue(async () => (text = await client.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Contains(awaited, StringComparison.Ordinal));
        return text;
    }
}
