using K8sQueue.Core.Capacity;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Redis;
using K8sQueue.Worker.Handlers.Exec;
using K8sQueue.Worker.Hosting;
using K8sQueue.Worker.Tests.Support;

namespace K8sQueue.Worker.Tests.Processes;

/// <summary>What the built program tells of itself, over a real Redis: its load to the broker, its metrics to a collector.</summary>
[Collection(ProcessesCollection.Name)]
public sealed class WorkerTelemetryTests : IAsyncLifetime
{
    private const string Queue = "work";
    private const int Jobs = 40;

    private RedisServer _redis = null!;

    public async Task InitializeAsync() => _redis = await RedisServer.StartAsync();

    public async Task DisposeAsync() => await _redis.DisposeAsync();

    [Fact]
    public async Task Two_workers_make_the_figures_of_their_queue()
    {
        await using var queue = Connect();
        await queue.Load.ReportAsync(Queue, LoadSample.None, CancellationToken.None);
        await using (var first = Start())
        await using (var second = Start())
        {
            await first.ReadyAsync();
            await second.ReadyAsync();
            await RunJobsAsync(queue);
            await StopAsync(first);
            await StopAsync(second);
        }

        var history = await queue.Load.ReadAsync(Queue, CancellationToken.None);
        var capacity = CapacityEstimator.Estimate(history);

        history.Entries.Sum(minute => minute.Arrivals).Should().Be(Jobs);
        history.Entries.Sum(minute => minute.Load.Durations.Count).Should().Be(Jobs);
        history.Entries.Sum(minute => minute.Load.Waits.Count).Should().Be(Jobs);
        capacity.MeanDuration.Should().BeGreaterThan(TimeSpan.FromMilliseconds(100)).And.BeLessThan(TimeSpan.FromSeconds(5));
        capacity.DurationP95.Should().BeGreaterThan(TimeSpan.FromMilliseconds(90));
        capacity.MeanWait.Should().BeGreaterThan(TimeSpan.FromMilliseconds(100), "20 batches of two took 0.1 s each");
        capacity.Utilization.Should().BeInRange(0.01, 1);
        capacity.SlotsInUse.Should().BeInRange(0.01, 4);
        capacity.SlotsPerWorker.Should().Be(2);
    }

    [Fact]
    public async Task Metrics_go_to_the_collector_that_the_environment_names()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var queue = Connect();
        await using var worker = Start(
            ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", collector.Address + "v1/metrics"), ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "http/protobuf"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "200"), ("OTEL_SERVICE_NAME", "mail-workers"));
        await worker.ReadyAsync();
        await RunJobsAsync(queue);

        await Eventually.IsTrue(() => collector.Has("/v1/metrics", "mail-workers", "messaging.process.duration", Queue, "k8squeue.worker.ready"));
        collector.Received.Should().OnlyContain(request => request.Path == "/v1/metrics", "no endpoint of traces was named");
        var before = collector.Received.Count;
        await StopAsync(worker);
        collector.Received.Count.Should().BeGreaterThan(before, "it sends a last time");
        collector.Received.Last().Body.Should().Contain("k8squeue.jobs");
    }

    [Fact]
    public async Task Metrics_stay_where_they_are_where_the_environment_says_none()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var queue = Connect();
        await using var worker = Start(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "50"), ("OTEL_METRICS_EXPORTER", "none"), ("OTEL_BSP_SCHEDULE_DELAY", "50"));
        await worker.ReadyAsync();
        await RunJobsAsync(queue);

        await Eventually.IsTrue(() => collector.Has("/v1/traces", "process work"));
        await StopAsync(worker);
        collector.Received.Should().OnlyContain(request => request.Path == "/v1/traces");
    }

    private WorkerProcess Start(params (string Name, string Value)[] settings) => WorkerProcess.Start(
        [
            ("K8SQUEUE_QUEUES", Queue), ("K8SQUEUE_REDIS_ADDRESS", _redis.Address), ("K8SQUEUE_CONCURRENCY", "2"),
            ("K8SQUEUE_HANDLERS", """{"nap": {"exec": {"command": ["sleep", "0.1"]}}}"""), .. settings,
        ]);

    private RedisJobQueue Connect() => new(new RedisQueueOptions { Address = _redis.Address });

    private static async Task RunJobsAsync(RedisJobQueue queue)
    {
        await queue.EnqueueAsync([.. Enumerable.Repeat(new JobRequest { Queue = Queue, Type = "nap" }, Jobs)], CancellationToken.None);
        await Eventually.IsTrue(
            async () => (await queue.GetStatisticsAsync(Queue, CancellationToken.None)).CompletedTotal == Jobs, TimeSpan.FromSeconds(30));
    }

    private static async Task StopAsync(WorkerProcess worker)
    {
        worker.Signal(Libc.SigTerm);
        (await worker.ExitCodeAsync()).Should().Be(WorkerExit.Drained);
    }
}
