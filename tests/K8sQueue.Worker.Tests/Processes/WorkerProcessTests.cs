using System.Globalization;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Worker.Handlers.Exec;
using K8sQueue.Worker.Hosting;
using K8sQueue.Worker.Tests.Support;
using StackExchange.Redis;

namespace K8sQueue.Worker.Tests.Processes;

/// <summary>The built program over a real Redis, with real signals.</summary>
[Collection(ProcessesCollection.Name)]
public sealed class WorkerProcessTests : IAsyncLifetime, IDisposable
{
    private const string Queue = "work";
    private const string Token = "a-token-of-this-test";

    private readonly string _directory = Directory.CreateTempSubdirectory("k8squeue-worker-").FullName;
    private RedisServer _redis = null!;
    private RedisJobQueue _queue = null!;

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _queue = new RedisJobQueue(new RedisQueueOptions { Address = _redis.Address });
    }

    public async Task DisposeAsync()
    {
        await _queue.DisposeAsync();
        await _redis.DisposeAsync();
    }

    public void Dispose()
    {
        // What a killed worker left: in a container it would have ended with it.
        foreach (var id in ChildIds().Where(id => Directory.Exists($"/proc/{id}")))
            _ = Libc.kill(id, Libc.SigKill);
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Sigterm_under_load_loses_nothing_uses_up_no_attempt_and_leaves_the_group_clean()
    {
        const int Jobs = 500;
        await EnqueueAsync(Jobs, "quick");
        var clean = 0;
        for (var round = 0; round < 3; round++)
        {
            await using var worker = StartWorker();
            await worker.ReadyAsync();
            var before = (await StatisticsAsync()).CompletedTotal;
            await Eventually.IsTrue(async () => (await StatisticsAsync()).CompletedTotal >= before + 5);

            worker.Signal(Libc.SigTerm);

            (await worker.ExitCodeAsync()).Should().Be(WorkerExit.Drained);
            await LeftAsync(worker);
            (await ConsumersAsync()).Should().BeEmpty();
            (await StatisticsAsync()).Backlog.InFlight.Should().Be(0);
            clean += worker.Output.Contains("left the broker clean: True", StringComparison.Ordinal) ? 1 : 0;
        }

        clean.Should().BePositive("a second is enough to leave, but for the worst moments of a busy machine");

        await using (var last = StartWorker())
            await Eventually.IsTrue(async () => (await StatisticsAsync()).CompletedTotal == Jobs, WorkerProcess.Patience);

        var statistics = await StatisticsAsync();
        statistics.RetriedTotal.Should().Be(0);
        statistics.RecoveredTotal.Should().Be(0);
        statistics.StartedTotal.Should().Be(Jobs + statistics.ReleasedTotal, "starts = jobs + handed back");
        statistics.Backlog.Demand.Should().Be(0);
    }

    [Fact]
    public async Task Jobs_that_outlast_the_drain_go_to_the_next_worker_at_the_same_attempt()
    {
        var ids = await EnqueueAsync(3, "endless");
        await using (var first = StartWorker(("K8SQUEUE_DRAIN_TIMEOUT_SECONDS", "1")))
        {
            await RunningAsync(3);
            var children = ChildIds();
            children.Should().HaveCount(3);

            first.Signal(Libc.SigTerm);

            (await first.ExitCodeAsync()).Should().Be(WorkerExit.Drained);
            await LeftAsync(first);
            (await ConsumersAsync()).Should().BeEmpty();
            await Eventually.IsTrue(() => children.All(id => !Directory.Exists($"/proc/{id}")));
        }

        foreach (var id in ids)
            (await _queue.GetJobAsync(id, CancellationToken.None))!.Attempt.Should().Be(1);
        (await StatisticsAsync()).Should().Match<QueueStatistics>(s => s.ReleasedTotal == 3 && s.RetriedTotal == 0 && s.Backlog.Waiting == 3);
        await using var second = StartWorker();
        await RunningAsync(3);
    }

    [Fact]
    public async Task A_second_sigterm_ends_the_wait_for_running_jobs()
    {
        await EnqueueAsync(1, "endless");
        await using var worker = StartWorker(("K8SQUEUE_DRAIN_TIMEOUT_SECONDS", "600"));
        await RunningAsync(1);

        worker.Signal(Libc.SigTerm);
        await Eventually.IsTrue(() => worker.Output.Contains("Draining: 1 jobs run", StringComparison.Ordinal));
        worker.Signal(Libc.SigTerm);

        (await worker.ExitCodeAsync()).Should().Be(WorkerExit.Drained);
        (await StatisticsAsync()).ReleasedTotal.Should().Be(1);
    }

    [Fact]
    public async Task A_worker_recycles_itself_under_its_own_process_id_and_every_job_starts_once()
    {
        const int Jobs = 300;
        await using var worker = StartWorker(("K8SQUEUE_RECYCLE_AFTER_JOBS", "20"), ("TMPDIR", _directory));
        await worker.ReadyAsync();
        var started = ProcessStart(worker.Id);
        var ids = await EnqueueAsync(Jobs, "quick");

        await Eventually.Passes(
            async () => (await StatisticsAsync()).CompletedTotal.Should().Be(Jobs, "the worker says: {0}", worker.Output + worker.Error), TimeSpan.FromMinutes(3));

        var boots = new HashSet<string?>(StringComparer.Ordinal);
        foreach (var id in ids)
            boots.Add((await _queue.GetJobAsync(id, CancellationToken.None))!.Consumer);
        boots.Should().HaveCountGreaterThan(2, "each start has a boot id of its own");
        worker.HasExited.Should().BeFalse();
        ProcessStart(worker.Id).Should().Be(started, "it is the same process");
        (await StatisticsAsync()).Should().Match<QueueStatistics>(
            s => s.StartedTotal == Jobs && s.ReleasedTotal == 0 && s.RetriedTotal == 0 && s.RecoveredTotal == 0 && s.Backlog.Demand == 0);
        await Eventually.Passes(
            async () => (await ConsumersAsync()).Select(name => name.TrimEnd('~')).Distinct().Should().HaveCountLessThan(2, "the worker says: {0}", worker.Output + worker.Error),
            LeftLate(worker) ? TimeSpan.FromMinutes(3) : TimeSpan.FromSeconds(30));
        // Nothing of an earlier start is left.
        Directory.GetFiles(_directory, $"dotnet-diagnostic-{worker.Id}-*").Should().HaveCountLessThan(2);

        await worker.ReadyAsync();
        worker.Signal(Libc.SigTerm);
        (await worker.ExitCodeAsync()).Should().Be(WorkerExit.Drained, "signals reach the recycled process");
    }

    [Fact]
    public async Task Sigterm_while_a_worker_recycles_is_an_ordinary_drain()
    {
        await EnqueueAsync(1, "endless");
        await using var worker = StartWorker(("K8SQUEUE_RECYCLE_AFTER_JOBS", "1"), ("K8SQUEUE_DRAIN_TIMEOUT_SECONDS", "600"));
        await Eventually.IsTrue(() => worker.Output.Contains("Recycling after 1 jobs", StringComparison.Ordinal), WorkerProcess.Patience);
        await Eventually.IsTrue(async () => await worker.StatusAsync("readyz") == 503);
        (await worker.StatusAsync("healthz")).Should().Be(200);

        worker.Signal(Libc.SigTerm);
        await Eventually.IsTrue(() => worker.Output.Contains("Draining: 1 jobs run", StringComparison.Ordinal));
        worker.Signal(Libc.SigTerm);

        (await worker.ExitCodeAsync()).Should().Be(WorkerExit.Drained);
        (await StatisticsAsync()).Should().Match<QueueStatistics>(s => s.StartedTotal == 1 && s.ReleasedTotal == 1 && s.RetriedTotal == 0);
        await LeftAsync(worker);
        (await ConsumersAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_worker_that_is_held_while_it_recycles_stays_held_in_its_new_program()
    {
        await using var worker = StartWorker(("K8SQUEUE_RECYCLE_AFTER_JOBS", "1"), ("K8SQUEUE_MANAGEMENT_TOKEN", Token), ("K8SQUEUE_HANDLERS", """
            {"until": {"exec": {"command": ["sh", "-c", "echo $$ >> DIRECTORY/children; while [ ! -e DIRECTORY/go ]; do sleep 0.05; done"]}},
             "quick": {"exec": {"command": ["true"]}}}
            """.Replace("DIRECTORY", _directory, StringComparison.Ordinal)));
        await EnqueueAsync(1, "until");
        await Eventually.IsTrue(() => worker.Output.Contains("Recycling after 1 jobs", StringComparison.Ordinal), WorkerProcess.Patience);

        (await worker.PostAsync("quiesce?ttlSeconds=600&heldAt=8", Token)).Should().Be(200);
        await File.WriteAllTextAsync($"{_directory}/go", "");
        await Eventually.IsTrue(() => worker.Output.Split("with concurrency").Length == 3, WorkerProcess.Patience);
        await worker.ReadyAsync();

        var id = (await EnqueueAsync(1, "quick"))[0];
        (await worker.PostAsync("resume?seenAt=7", Token)).Should().Be(200);
        (await _queue.MaintainAsync(Queue, CancellationToken.None)).Promoted.Should().Be(0);
        (await _queue.GetJobAsync(id, CancellationToken.None))!.State.Should().Be(JobState.Waiting, "who saw an earlier pod comes too late");

        (await worker.PostAsync("resume?seenAt=8", Token)).Should().Be(200);
        await Eventually.IsTrue(async () => (await _queue.GetJobAsync(id, CancellationToken.None))!.State == JobState.Completed, WorkerProcess.Patience);
    }

    [Fact]
    public async Task A_sigterm_that_waits_for_a_worker_which_starts_anew_is_an_ordinary_drain()
    {
        await using var worker = WorkerProcess.StartTerminated(Settings());

        (await worker.ExitCodeAsync()).Should().Be(WorkerExit.Drained, "the worker says: {0}", worker.Output + worker.Error);

        worker.Error.Should().BeEmpty();
        await LeftAsync(worker);
        (await StatisticsAsync()).Consumers.Should().Be(0);
    }

    [Fact]
    public async Task Jobs_of_a_killed_worker_run_elsewhere()
    {
        await EnqueueAsync(2, "endless");
        await using var victim = StartWorker();
        await RunningAsync(2);
        await using var heir = StartWorker();
        await heir.ReadyAsync();

        victim.Signal(Libc.SigKill);

        // Both run again: the first starts' and the second starts' process ids are four in all.
        await Eventually.Passes(
            async () => ChildIds().Should().HaveCount(4, "of {0}; the heir says: {1}", await StatisticsAsync(), heir.Output), WorkerProcess.Patience);
        (await StatisticsAsync()).Should().Match<QueueStatistics>(s => s.RecoveredTotal == 2 && s.RetriedTotal == 0 && s.Backlog.InFlight == 2);
    }

    [Fact]
    public async Task A_worker_waits_for_a_redis_that_is_not_there_and_survives_its_restart()
    {
        await _redis.StopAsync();
        await using var worker = StartWorker();
        await Eventually.IsTrue(async () => await worker.StatusAsync("healthz") == 200);
        (await worker.StatusAsync("readyz")).Should().Be(503);

        await _redis.StartAsync();
        await worker.ReadyAsync();
        await _redis.StopAsync();
        await Eventually.IsTrue(async () => await worker.StatusAsync("readyz") == 503);
        (await worker.StatusAsync("healthz")).Should().Be(200);
        await _redis.StartAsync();
        await worker.ReadyAsync();

        await Eventually.Passes(() => EnqueueAsync(5, "quick"));
        await Eventually.IsTrue(async () => (await StatisticsAsync()).CompletedTotal >= 5);
    }

    [Fact]
    public async Task A_command_that_a_silence_of_redis_stopped_runs_again_after_it()
    {
        await EnqueueAsync(1, "endless");
        await using var worker = StartWorker();
        await RunningAsync(1);
        var first = ChildIds().Single();

        await _redis.FreezeAsync();
        await Eventually.IsTrue(() => !Directory.Exists($"/proc/{first}"), WorkerProcess.Patience);
        await _redis.ThawAsync();

        await Eventually.Passes(
            () => Task.FromResult(ChildIds().Should().HaveCount(2, "the job runs again; the worker says: {0}", worker.Output)), WorkerProcess.Patience);
        (await StatisticsAsync()).Should().Match<QueueStatistics>(
            s => s.StartedTotal == 2 && s.ReleasedTotal + s.RecoveredTotal == 1 && s.RetriedTotal == 0 && s.Backlog.Demand == 1);
    }

    [Fact]
    public async Task A_worker_drains_though_redis_is_down()
    {
        await EnqueueAsync(1, "endless");
        await using var worker = StartWorker(("K8SQUEUE_DRAIN_TIMEOUT_SECONDS", "1"));
        await RunningAsync(1);
        _redis.Kill();

        worker.Signal(Libc.SigTerm);

        (await worker.ExitCodeAsync()).Should().Be(WorkerExit.Drained);
    }

    [Fact]
    public async Task A_redis_that_may_evict_jobs_is_refused()
    {
        await using var redis = await RedisServer.StartAsync("--maxmemory", "50mb", "--maxmemory-policy", "allkeys-lru");
        await using var worker = StartWorker(("K8SQUEUE_REDIS_ADDRESS", redis.Address));

        (await worker.ExitCodeAsync()).Should().Be(WorkerExit.Misconfigured);

        worker.Output.Should().Contain("noeviction");
    }

    [Fact]
    public async Task Wrong_settings_are_one_line_each_and_exit_code_78()
    {
        await using var worker = StartWorker(("K8SQUEUE_CONCURRENCY", "0"), ("K8SQUEUE_QUEUES", "UPPER"));

        (await worker.ExitCodeAsync()).Should().Be(WorkerExit.Misconfigured);

        worker.Error.TrimEnd().Split('\n').Should().HaveCount(2).And.AllSatisfy(line => line.Should().StartWith("k8squeue-worker: K8SQUEUE_"));
        worker.Output.Should().BeEmpty();
    }

    [Fact]
    public async Task A_missing_redis_address_and_a_taken_port_are_named()
    {
        await using var unset = StartWorker(("K8SQUEUE_REDIS_ADDRESS", ""));
        (await unset.ExitCodeAsync()).Should().Be(WorkerExit.Misconfigured);
        unset.Error.Should().Contain("REDIS_ADDRESS is missing");

        await using var first = StartWorker();
        await first.ReadyAsync();
        await using var second = StartWorker(("K8SQUEUE_MANAGEMENT_PORT", $"{first.Port}"));
        (await second.ExitCodeAsync()).Should().Be(WorkerExit.Misconfigured);
        second.Error.TrimEnd().Should().StartWith("k8squeue-worker: K8SQUEUE_MANAGEMENT_PORT: ").And.NotContain("\n");
    }

    [RootFact]
    public async Task As_pid_1_a_worker_that_recycles_itself_goes_on()
    {
        await using var worker = WorkerProcess.StartAsPid1(Settings(("K8SQUEUE_RECYCLE_AFTER_JOBS", "5")));
        for (var boot = 0; boot < 3; boot++)
        {
            // One that says that it recycles may take a job still: those of the next boot are for the next one.
            await Eventually.IsTrue(() => worker.Output.Split("with concurrency").Length == boot + 2, WorkerProcess.Patience);
            await EnqueueAsync(5, "quick");
            await Eventually.Passes(
                async () => (await StatisticsAsync()).CompletedTotal.Should().Be((boot + 1) * 5, "the worker says: {0}", worker.Output + worker.Error),
                WorkerProcess.Patience);
            await Eventually.IsTrue(() => worker.Output.Split("Recycling after").Length == boot + 2, WorkerProcess.Patience);
        }

        await worker.ReadyAsync();
        worker.HasExited.Should().BeFalse();
        (await StatisticsAsync()).StartedTotal.Should().Be(15);
    }

    [RootFact]
    public async Task As_pid_1_the_worker_reaps_what_its_commands_left_behind()
    {
        await using var worker = WorkerProcess.StartAsPid1(Settings(("K8SQUEUE_HANDLERS", """
            {"orphan": {"exec": {"command": ["sh", "-c", "setsid sleep 0.1 & sleep 0.05; sleep 600 & exit 0"]}},
             "census": {"exec": {"command": ["sh", "-c", "cat /proc/[0-9]*/comm | sort | uniq -c | tr -s ' \\n' ' '; grep -l '^State:.Z' /proc/[0-9]*/status | wc -l"]}}}
            """)));
        await EnqueueAsync(5, "orphan");
        await Eventually.Passes(
            async () => (await StatisticsAsync()).CompletedTotal.Should().Be(5, "of {0}; the worker says: {1}", await StatisticsAsync(), worker.Output + worker.Error),
            WorkerProcess.Patience);

        (await StatisticsAsync()).RetriedTotal.Should().Be(0, "nobody took the commands' exit codes");

        // Neither a sleep that lives nor a zombie: the worker and the census itself are alone.
        await Eventually.Passes(async () =>
        {
            var id = (await EnqueueAsync(1, "census"))[0];
            await Eventually.IsTrue(async () => (await _queue.GetJobAsync(id, CancellationToken.None))!.State == JobState.Completed);
            var census = System.Text.Encoding.UTF8.GetString((await _queue.GetJobAsync(id, CancellationToken.None))!.Result!.Value.Span);
            census.Should().Contain($"1 {WorkerProcess.Name}").And.NotContain("sleep").And.EndWith(" 0\"");
        });
    }

    private WorkerProcess StartWorker(params (string Name, string Value)[] settings) => WorkerProcess.Start(Settings(settings));

    private (string Name, string Value)[] Settings(params (string Name, string Value)[] settings) =>
    [
        ("K8SQUEUE_QUEUES", Queue),
        ("K8SQUEUE_REDIS_ADDRESS", _redis.Address),
        ("K8SQUEUE_CONCURRENCY", "4"),
        ("K8SQUEUE_HANDLERS", """
            {"quick": {"exec": {"command": ["sleep", "0.05"]}},
             "endless": {"exec": {"command": ["sh", "-c", "echo $$ >> DIRECTORY/children; exec sleep 600"]}}}
            """.Replace("DIRECTORY", _directory, StringComparison.Ordinal)),
        .. settings,
    ];

    private async Task<IReadOnlyList<JobId>> EnqueueAsync(int count, string type) => (await _queue.EnqueueAsync(
        [.. Enumerable.Repeat(new JobRequest { Queue = Queue, Type = type, Tracked = true }, count)], CancellationToken.None)).Ids();

    // Field 22 of /proc/<pid>/stat, the time at which the process was made; comm, the second, may hold spaces.
    private static string ProcessStart(int id)
    {
        var stat = File.ReadAllText($"/proc/{id}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
    }

    private ValueTask<QueueStatistics> StatisticsAsync() => _queue.GetStatisticsAsync(Queue, CancellationToken.None);

    private Task RunningAsync(int jobs) =>
        Eventually.IsTrue(async () => (await StatisticsAsync()).Backlog.InFlight == jobs && ChildIds().Count >= jobs, WorkerProcess.Patience);

    // A drain has a second to leave the broker. Where a busy machine takes longer, it says so, and housekeeping removes the consumer a minute later.
    private static bool LeftLate(WorkerProcess worker) => worker.Output.Contains("could not be removed from the broker", StringComparison.Ordinal);

    private async Task LeftAsync(WorkerProcess worker)
    {
        if (!LeftLate(worker))
            return;
        await Eventually.IsTrue(
            async () =>
            {
                await _queue.MaintainAsync(Queue, CancellationToken.None);
                return (await StatisticsAsync()).Consumers == 0;
            },
            TimeSpan.FromMinutes(3));
    }

    private List<int> ChildIds()
    {
        var path = $"{_directory}/children";
        return File.Exists(path) ? [.. File.ReadAllLines(path).Select(line => int.Parse(line, CultureInfo.InvariantCulture))] : [];
    }

    private async Task<List<string>> ConsumersAsync()
    {
        using var connection = await ConnectionMultiplexer.ConnectAsync(_redis.Address);
        var consumers = new List<string>();
        foreach (var lane in new RedisKeys(Queue).Lanes)
        {
            var groups = (RedisResult[])await connection.GetDatabase().ExecuteAsync("XINFO", "CONSUMERS", lane, RedisKeys.Group);
            consumers.AddRange(groups.Select(group => (string)((RedisResult[])group)[1]));
        }

        return consumers;
    }
}
