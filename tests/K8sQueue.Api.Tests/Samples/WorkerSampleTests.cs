using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Testing;
using StackExchange.Redis;

namespace K8sQueue.Api.Tests.Samples;

/// <summary>The worker in Python of samples/producers, over a real Redis, beside programs of this project.</summary>
public sealed class WorkerSampleTests : IAsyncLifetime, IDisposable
{
    private const string Queue = "samples";

    private readonly string _scripts = Directory.CreateTempSubdirectory("k8squeue-scripts-").FullName;
    private RedisServer _redis = null!;
    private RedisJobQueue _jobs = null!;

    private static CancellationToken Bound => new CancellationTokenSource(TimeSpan.FromSeconds(40)).Token;

    public async Task InitializeAsync()
    {
        RedisScriptExport.WriteTo(_scripts);
        _redis = await RedisServer.StartAsync();
        _jobs = new RedisJobQueue(new RedisQueueOptions
        {
            Address = _redis.Address,
            Lease = TimeSpan.FromSeconds(3),
            MaintenanceInterval = TimeSpan.FromMilliseconds(250),
            HeartbeatInterval = TimeSpan.FromMilliseconds(500),
            IdleWait = TimeSpan.FromMilliseconds(200),
        });
    }

    public async Task DisposeAsync()
    {
        await _jobs.DisposeAsync();
        await _redis.DisposeAsync();
    }

    public void Dispose() => Directory.Delete(_scripts, recursive: true);

    [Theory]
    [ToolData("python3")]
    public async Task It_ends_each_job_as_its_handler_did_and_leaves_on_a_signal(string tool)
    {
        var retry = new RetryPolicy { MaxAttempts = 2, Backoff = BackoffKind.Fixed, Delay = TimeSpan.FromMilliseconds(10), MaxDelay = TimeSpan.FromMilliseconds(10) };
        var unique = new JobDeduplication("one", UntilDone: true);
        var ids = (await _jobs.EnqueueAsync(
            [
                Request("echo", """{"größe": 1}""") with { Tracked = true, Deduplication = unique, Concurrency = new JobConcurrency("k", 1) },
                Request("echo", "2") with { Tracked = true, Concurrency = new JobConcurrency("k", 1), Lane = Lane.Low },
                Request("fail", "3") with { Retry = retry },
                Request("other", "4"),
                Request("hang", "5") with { Retry = retry with { MaxAttempts = 1 }, Timeout = TimeSpan.FromMilliseconds(300) },
            ],
            Bound)).Ids();
        using var worker = Start(tool);

        await Eventually.IsTrue(async () => await StateAsync(ids[0]) == JobState.Completed && await StateAsync(ids[1]) == JobState.Completed);
        Encoding.UTF8.GetString((await _jobs.GetJobAsync(ids[0], Bound))!.Result!.Value.Span).Should().Be("""{"gr\u00f6\u00dfe": 1}""");
        (await _jobs.EnqueueAsync([Request("echo", "6") with { Deduplication = unique }], Bound))[0].IsDuplicate.Should().BeFalse("its key is free");
        await Eventually.IsTrue(async () => (await _jobs.ListDeadLettersAsync(Queue, 0, 10, Bound)).Count == 3);
        var letters = await _jobs.ListDeadLettersAsync(Queue, 0, 10, Bound);
        letters.Single(letter => letter.Job.Id == ids[2]).Should().BeEquivalentTo(new { Reason = DeadLetterReasons.AttemptsExhausted, Job = new { Attempt = 2 } })
            .And.Match<DeadLetter>(letter => letter.Error.Contains("This job always fails."));
        letters.Single(letter => letter.Job.Id == ids[3]).Reason.Should().Be(DeadLetterReasons.UnknownType);
        letters.Single(letter => letter.Job.Id == ids[4]).Error.Should().Contain("The attempt timed out.");

        await Eventually.IsTrue(async () => (await StatisticsAsync()).CompletedTotal == 3);
        (await worker.TerminateAsync()).Should().Be(0);
        (await StatisticsAsync()).Should().BeEquivalentTo(new { Consumers = 0, StartedTotal = 7L, RetriedTotal = 1L, BuriedTotal = 3L, Backlog = new Backlog(0, 0, false) });
    }

    [Theory]
    [ToolData("python3")]
    public async Task It_reads_payloads_that_are_large_or_compressed(string tool)
    {
        await using var compressing = new RedisJobQueue(new RedisQueueOptions { Address = _redis.Address, CompressAboveBytes = 1000 });
        string[] payloads = [$"\"{new string('a', 40_000)}\"", $"\"{Convert.ToHexString(RandomNumberGenerator.GetBytes(40_000))}\""];
        List<(JobId Id, string Payload)> jobs = [];
        foreach (var payload in payloads)
        {
            foreach (IJobQueue producer in new IJobQueue[] { _jobs, compressing })
                jobs.Add(((await producer.EnqueueAsync([Request("echo", payload) with { Tracked = true }], Bound)).Ids()[0], payload));
        }

        var damaged = (await _jobs.EnqueueAsync([Request("echo", payloads[0])], Bound)).Ids()[0];
        await RunAsync("SET", new RedisKeys(Queue).PayloadKey(damaged), "short");
        using var worker = Start(tool);

        foreach (var (id, payload) in jobs)
        {
            await Eventually.IsTrue(async () => await StateAsync(id) == JobState.Completed);
            Encoding.UTF8.GetString((await _jobs.GetJobAsync(id, Bound))!.Result!.Value.Span).Should().Be(payload);
        }

        await Eventually.IsTrue(async () => (await _jobs.ListDeadLettersAsync(Queue, 0, 10, Bound)).Count == 1);
        (await _jobs.ListDeadLettersAsync(Queue, 0, 10, Bound)).Single().Should().BeEquivalentTo(new { Reason = DeadLetterReasons.Corrupt, Job = new { Id = damaged } });
        (await worker.TerminateAsync()).Should().Be(0);
    }

    [Theory]
    [ToolData("python3")]
    public async Task It_keeps_a_job_for_as_long_as_it_lives_and_loses_it_to_another_worker_when_it_is_killed(string tool)
    {
        var id = (await _jobs.EnqueueAsync([Request("hang", "{}")], Bound)).Ids()[0];
        using var worker = Start(tool);
        JsonDocument.Parse(await worker.ReadLineAsync()).RootElement.GetProperty("ulid").GetString().Should().Be(id.Ulid);

        // Housekeeping runs only after this: with so short a lease it would take the job from a worker that is merely held up.
        using (var redis = await ConnectionMultiplexer.ConnectAsync(_redis.Address))
        {
            var (renewals, idle) = (0, 0L);
            await Eventually.IsTrue(async () =>
            {
                var before = idle;
                idle = await IdleAsync(redis.GetDatabase());
                renewals += idle < before ? 1 : 0;
                return renewals == 2;
            });
        }

        worker.Kill();

        await Eventually.IsTrue(async () => (await _jobs.MaintainAsync(Queue, Bound)).Recovered == 1);
        await using var consumer = await _jobs.OpenConsumerAsync(new JobConsumerOptions { Queues = [Queue], Name = "other" }, Bound);
        var lease = (await consumer.FetchAsync(1, Bound)).Should().ContainSingle().Subject;
        lease.Job.Should().BeEquivalentTo(new { Id = id, Attempt = 1, Crashes = 1, Epoch = 2L });
        (await consumer.CompleteAsync([new JobCompletion(lease)], Bound)).Should().Equal(LeaseOutcome.Done);
    }

    [Theory]
    [ToolData("python3")]
    public async Task It_stops_a_job_that_is_cancelled(string tool)
    {
        var ids = (await _jobs.EnqueueAsync([Request("hang", "{}") with { Tracked = true }, Request("echo", "1") with { Tracked = true }], Bound)).Ids();
        using var worker = Start(tool);
        await Eventually.IsTrue(async () => await StateAsync(ids[0]) == JobState.Running);

        (await _jobs.CancelAsync(ids[0], Bound)).Should().Be(CancelOutcome.Requested);

        await Eventually.IsTrue(async () => await StateAsync(ids[1]) == JobState.Completed);
        (await StateAsync(ids[0])).Should().Be(JobState.Cancelled);
        (await StatisticsAsync()).Should().BeEquivalentTo(new { CancelledTotal = 1L, StoppedTotal = 1L });
    }

    private SampleProcess Start(string tool) => SampleProcess.Start(tool, "worker", [], _redis.Address, _scripts, Queue);

    private async Task RunAsync(string command, params object[] arguments)
    {
        using var redis = await ConnectionMultiplexer.ConnectAsync(_redis.Address);
        await redis.GetDatabase().ExecuteAsync(command, arguments);
    }

    // For how many ms the lease of the one job that runs was not renewed.
    private static async Task<long> IdleAsync(IDatabase database)
    {
        var running = (RedisResult[])(await database.ExecuteAsync("XPENDING", new RedisKeys(Queue).LaneKey(Lane.Normal), RedisKeys.Group, "-", "+", "10"))!;
        return (long)((RedisResult[])running.Single()!)[2];
    }

    private static JobRequest Request(string type, string payload) =>
        new() { Queue = Queue, Type = type, Payload = Encoding.UTF8.GetBytes(payload) };

    private async Task<JobState?> StateAsync(JobId id) => (await _jobs.GetJobAsync(id, Bound))?.State;

    private Task<QueueStatistics> StatisticsAsync() => _jobs.GetStatisticsAsync(Queue, Bound).AsTask();
}
