using System.Text;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;

namespace K8sQueue.Core.Tests.Compliance;

/// <summary>
/// What every backend of <see cref="IJobQueue"/> does. A backend's test class inherits it, makes its queue with short times
/// (a lease of about a second), and gets every test.
/// </summary>
public abstract partial class JobQueueCompliance : IAsyncLifetime
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(1);

    private readonly List<IJobConsumer> _consumers = [];
    private int _names;

    /// <summary>A queue of this test's own.</summary>
    protected string Queue { get; } = $"compliance-{Guid.NewGuid():N}"[..24];

    protected IJobQueue Jobs { get; private set; } = null!;

    /// <summary>For calls that nobody cancels, and bounds a test that hangs.</summary>
    protected CancellationToken Bound { get; } = new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token;

    /// <summary>Makes the backend: idle wait 0.3 s, 3 crashes to a dead letter, and a lease of about 1 s where none is given.</summary>
    protected abstract IJobQueue CreateQueue(TimeSpan completedRetention, TimeSpan? lease);

    public Task InitializeAsync()
    {
        Jobs = CreateQueue(KeptFor, lease: null);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        foreach (var consumer in _consumers)
            await consumer.DisposeAsync();
        await Jobs.DisposeAsync();
    }

    /// <summary>Puts a backend with other times in the place of the one that the test has not used yet.</summary>
    protected async Task ReplaceAsync(TimeSpan? completedRetention = null, TimeSpan? lease = null)
    {
        await Jobs.DisposeAsync();
        Jobs = CreateQueue(completedRetention ?? KeptFor, lease);
    }

    /// <summary>The time in whole milliseconds, as brokers tell it.</summary>
    internal static DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());

    protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    protected static string Text(ReadOnlyMemory<byte>? bytes) => Encoding.UTF8.GetString(bytes.GetValueOrDefault().Span);

    protected JobRequest Request(string payload = "{}", Lane lane = Lane.Normal, bool tracked = false, string? queue = null) => new()
    {
        Queue = queue ?? Queue,
        Type = "test.job",
        Payload = Bytes(payload),
        Lane = lane,
        Tracked = tracked,
    };

    protected async Task<JobId> EnqueueAsync(JobRequest? request = null) =>
        (await Jobs.EnqueueAsync([request ?? Request()], Bound)).Single();

    protected async Task<IJobConsumer> OpenAsync(params string[] queues)
    {
        var options = new JobConsumerOptions { Queues = queues.Length == 0 ? [Queue] : queues, Name = $"consumer-{++_names}" };
        var consumer = await Jobs.OpenConsumerAsync(options, Bound);
        _consumers.Add(consumer);
        return consumer;
    }

    /// <summary>Fetches until a job comes.</summary>
    protected async Task<JobLease> FetchOneAsync(IJobConsumer consumer)
    {
        while (true)
        {
            if ((await consumer.FetchAsync(1, Bound)) is [var lease])
                return lease;
        }
    }

    /// <summary>Kills a consumer as far as the broker can see: it renews nothing any more and says nothing.</summary>
    protected static async Task CrashAsync(IJobConsumer consumer) => await consumer.DisposeAsync();

    /// <summary>Housekeeping until it did something, and what it did.</summary>
    protected async Task<MaintenanceReport> MaintainUntilAsync(Func<MaintenanceReport, bool> enough, string? queue = null)
    {
        var total = default(MaintenanceReport);
        await Eventually.IsTrue(async () =>
        {
            total += await Jobs.MaintainAsync(queue ?? Queue, Bound);
            return enough(total);
        });
        return total;
    }

    protected Task<QueueStatistics> StatisticsAsync() => Jobs.GetStatisticsAsync(Queue, Bound).AsTask();

    protected async Task<LeaseOutcome> CompleteAsync(IJobConsumer consumer, JobLease lease, string? result = null) =>
        (await consumer.CompleteAsync([new JobCompletion(lease, result is null ? null : Bytes(result))], Bound)).Single();

    /// <summary>Each start ended one way, or its job runs still.</summary>
    protected static void ShouldBalance(QueueStatistics statistics) => statistics.StartedTotal.Should().Be(
        statistics.CompletedTotal + statistics.BuriedTotal + statistics.RetriedTotal + statistics.ReleasedTotal
            + statistics.RecoveredTotal + statistics.StoppedTotal + statistics.Backlog.InFlight,
        "every start ends exactly one way ({0})", statistics);
}
