using System.Net.Http.Headers;
using System.Text;
using K8sQueue.Core.InMemory;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Worker.Execution;
using K8sQueue.Worker.Hosting;
using K8sQueue.Worker.Management;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace K8sQueue.Worker.Tests.Support;

/// <summary>A worker in this process over a queue in memory, which can be taken down.</summary>
internal sealed class TestWorker : IAsyncDisposable
{
    public const string Queue = "q";
    public const string Token = "a-management-token";

    private readonly IHost _host;
    private bool _stopped;

    private TestWorker(IHost host, FaultyJobQueue queue, LogRecorder logs)
    {
        _host = host;
        Broker = queue;
        Logs = logs;
        Management = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}/") };
        Management.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    public FaultyJobQueue Broker { get; }

    public LogRecorder Logs { get; }

    public HttpClient Management { get; }

    public IServiceProvider Services => _host.Services;

    public RunningJobs Running => Services.GetRequiredService<RunningJobs>();

    private int Port => _host.Services.GetRequiredService<ManagementServer>().Port ?? 1;

    public static async Task<TestWorker> StartAsync(
        Action<K8sQueueWorkerBuilder> handlers, Action<WorkerOptions>? configure = null, FaultyJobQueue? queue = null)
    {
        queue ??= new FaultyJobQueue(new InMemoryJobQueue());
        var logs = new LogRecorder();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddProvider(logs);
        builder.Services.AddSingleton<IJobQueue>(queue);
        builder.Services.Configure<RedisQueueOptions>(o => o.MaintenanceInterval = TimeSpan.FromMilliseconds(20));
        handlers(builder.Services.AddK8sQueueWorker(o =>
        {
            o.Queues.Add(Queue);
            o.Name = "test";
            o.ManagementPort = 0;
            o.ManagementAddress = System.Net.IPAddress.Loopback;
            o.ManagementToken = Token;
            configure?.Invoke(o);
        }));
        var host = builder.Build();
        try
        {
            await host.StartAsync();
        }
        catch
        {
            host.Dispose();
            throw;
        }

        return new TestWorker(host, queue, logs);
    }

    /// <summary>Asks the host to stop, as SIGTERM does, and waits for the end of the drain.</summary>
    public async Task StopAsync()
    {
        _stopped = true;
        await _host.StopAsync();
    }

    public async Task<JobId> EnqueueAsync(string type, string payload = "{}", RetryPolicy? retry = null, TimeSpan? timeout = null) =>
        (await EnqueueAsync(1, type, payload, retry, timeout))[0];

    public async Task<IReadOnlyList<JobId>> EnqueueAsync(
        int count, string type, string payload = "{}", RetryPolicy? retry = null, TimeSpan? timeout = null) =>
        (await Broker.Inner.EnqueueAsync(
            [
                .. Enumerable.Repeat(
                    new JobRequest
                    {
                        Queue = Queue,
                        Type = type,
                        Payload = Encoding.UTF8.GetBytes(payload),
                        Tracked = true,
                        Retry = retry ?? new RetryPolicy { Delay = TimeSpan.Zero, Jitter = 0 },
                        Timeout = timeout,
                    },
                    count),
            ],
            CancellationToken.None)).Ids();

    /// <summary>Waits until so many handlers run. At the broker a job runs from its fetch on, which the worker may not have seen yet.</summary>
    public Task StartedAsync(int jobs) => Eventually.IsTrue(() => Running.Started == jobs);

    public async Task<JobSnapshot> JobAsync(JobId id) => (await Broker.Inner.GetJobAsync(id, CancellationToken.None))!;

    public async Task<JobSnapshot> EndOfAsync(JobId id)
    {
        await Eventually.IsTrue(async () => (await JobAsync(id)).State is JobState.Completed or JobState.Dead or JobState.Cancelled);
        return await JobAsync(id);
    }

    public async Task<DeadLetter> DeadLetterAsync(JobId id)
    {
        (await EndOfAsync(id)).State.Should().Be(JobState.Dead);
        return (await Broker.Inner.ListDeadLettersAsync(Queue, 0, 100, CancellationToken.None)).Single(dead => dead.Job.Id == id);
    }

    public ValueTask<QueueStatistics> StatisticsAsync() => Broker.Inner.GetStatisticsAsync(Queue, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        Management.Dispose();
        if (!_stopped)
            await StopAsync();
        _host.Dispose();
    }
}
