using System.Diagnostics;
using System.Text.Json;
using K8sQueue.Core.Jobs;
using K8sQueue.Worker.Execution;
using K8sQueue.Worker.Handlers;
using K8sQueue.Worker.Tests.Support;

namespace K8sQueue.Worker.Tests.Execution;

public sealed class JobTurnsTests
{
    [Fact]
    public async Task No_more_jobs_of_a_handler_run_at_once_than_it_allows()
    {
        var finish = new TaskCompletionSource();
        var probe = new Probe(finish.Task);
        await using var worker = await TestWorker.StartAsync(
            w => w.AddHandler("few", probe.RunAsync, o => o.MaxConcurrency = 2), o => o.Concurrency = 8);

        await worker.EnqueueAsync(40, "few");
        await Eventually.IsTrue(() => probe.Peak == 2);
        finish.SetResult();

        await Eventually.IsTrue(async () => (await worker.StatisticsAsync()).CompletedTotal == 40);
        probe.Peak.Should().Be(2);
    }

    [Fact]
    public async Task Cpu_bound_handlers_share_one_limit_and_run_on_threads_of_their_own()
    {
        var finish = new TaskCompletionSource();
        var probe = new Probe(finish.Task);
        var onPool = false;
        void Cpu(JobHandlerOptions options) => options.CpuBound = true;
        Task Run(JobContext context, CancellationToken token)
        {
            onPool |= Thread.CurrentThread.IsThreadPoolThread;
            return probe.RunAsync(context, token);
        }

        await using var worker = await TestWorker.StartAsync(
            w => w.AddHandler("a", Run, Cpu).AddHandler("b", Run, Cpu), o => (o.Concurrency, o.MaxParallelCpu) = (8, 3));

        await worker.EnqueueAsync(20, "a");
        await worker.EnqueueAsync(20, "b");
        await Eventually.IsTrue(() => probe.Peak == 3);
        finish.SetResult();

        await Eventually.IsTrue(async () => (await worker.StatisticsAsync()).CompletedTotal == 40);
        probe.Peak.Should().Be(3);
        onPool.Should().BeFalse();
    }

    [Fact]
    public async Task A_handler_that_waits_for_its_own_turn_holds_up_no_other()
    {
        var finish = new TaskCompletionSource();
        await using var worker = await TestWorker.StartAsync(
            w => w.AddHandler("few", (_, _) => finish.Task, o => o.MaxConcurrency = 1).AddHandler("other", (_, _) => Task.CompletedTask),
            o => (o.Concurrency, o.Prefetch) = (2, 4));
        await worker.EnqueueAsync(4, "few");

        (await worker.EndOfAsync(await worker.EnqueueAsync("other"))).State.Should().Be(JobState.Completed);

        finish.SetResult();
    }

    [Fact]
    public async Task Prefetched_jobs_wait_for_a_slot_and_are_told_apart()
    {
        var finish = new TaskCompletionSource();
        var probe = new Probe(finish.Task);
        await using var worker = await TestWorker.StartAsync(
            w => w.AddHandler("t", probe.RunAsync), o => (o.Concurrency, o.Prefetch) = (2, 3));
        await worker.EnqueueAsync(10, "t");

        await Eventually.IsTrue(async () => await InFlightAsync(worker) is (5, 3, 2));
        (await worker.StatisticsAsync()).Backlog.InFlight.Should().Be(5);
        (await worker.Management.GetStringAsync("metrics")).Should().Contain("k8squeue_workers_busy 2");
        finish.SetResult();

        await Eventually.IsTrue(async () => (await worker.StatisticsAsync()).CompletedTotal == 10);
        probe.Peak.Should().Be(2);
    }

    [Fact]
    public async Task A_drain_hands_back_at_once_what_waits_for_its_turn()
    {
        var finish = new TaskCompletionSource();
        await using var worker = await TestWorker.StartAsync(
            w => w.AddHandler("t", (_, _) => finish.Task), o => (o.Concurrency, o.Prefetch) = (2, 3));
        var ids = await worker.EnqueueAsync(5, "t");
        await Eventually.IsTrue(() => worker.Running.Count == 5);

        var stopping = worker.StopAsync();
        await Eventually.IsTrue(async () => (await worker.StatisticsAsync()).ReleasedTotal == 3);
        finish.SetResult();
        await stopping.WaitAsync(TimeSpan.FromSeconds(10));

        (await worker.StatisticsAsync()).Should().Match<Core.Queues.QueueStatistics>(
            s => s.CompletedTotal == 2 && s.RetriedTotal == 0 && s.Backlog.Waiting == 3);
        foreach (var id in ids)
            (await worker.JobAsync(id)).Attempt.Should().Be(1);
    }

    [Fact]
    public async Task The_time_out_of_a_job_begins_with_its_turn()
    {
        var finish = new TaskCompletionSource();
        await using var worker = await TestWorker.StartAsync(
            w => w.AddHandler("t", (context, _) => Encoding(context) == "\"first\"" ? finish.Task : Task.CompletedTask, o => o.MaxConcurrency = 1));
        await worker.EnqueueAsync("t", "\"first\"");
        await Eventually.IsTrue(async () => await InFlightAsync(worker) is (1, 0, _));
        var second = await worker.EnqueueAsync("t", timeout: TimeSpan.FromMilliseconds(300));
        await Eventually.IsTrue(async () => await InFlightAsync(worker) is (2, 1, _));
        var watch = Stopwatch.StartNew();
        await Eventually.IsTrue(() => watch.ElapsedMilliseconds > 400);

        finish.SetResult();

        (await worker.EndOfAsync(second)).Should().Match<JobSnapshot>(job => job.State == JobState.Completed && job.Attempt == 1);

        static string Encoding(JobContext context) => System.Text.Encoding.UTF8.GetString(context.Payload.Span);
    }

    [Fact]
    public async Task A_worker_that_is_held_by_its_rate_says_so_and_leaves_jobs_to_others()
    {
        await using var worker = await TestWorker.StartAsync(
            w => w.AddHandler("t", (_, _) => Task.CompletedTask), o => o.RateLimit = new RateLimit(3, TimeSpan.FromHours(1)));
        await worker.EnqueueAsync(10, "t");

        await Eventually.IsTrue(async () => (await DocumentAsync(worker)).GetProperty("blockedBy").GetString() == "rate");
        await Eventually.IsTrue(async () => (await worker.StatisticsAsync()).CompletedTotal == 3);

        (await worker.StatisticsAsync()).Should().Match<Core.Queues.QueueStatistics>(s => s.StartedTotal == 3 && s.Backlog.Waiting == 7);
        await worker.StopAsync().WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_rate_is_kept_and_every_job_runs()
    {
        var watch = Stopwatch.StartNew();
        await using var worker = await TestWorker.StartAsync(
            w => w.AddHandler("t", (_, _) => Task.CompletedTask), o => o.RateLimit = new RateLimit(10, TimeSpan.FromMilliseconds(500)));
        await worker.EnqueueAsync(25, "t");

        await Eventually.IsTrue(async () => (await worker.StatisticsAsync()).CompletedTotal == 25);

        watch.Elapsed.Should().BeGreaterThan(TimeSpan.FromMilliseconds(700), "15 of them at 20 a second");
    }

    private static async Task<(int InFlight, int Waiting, int Concurrency)> InFlightAsync(TestWorker worker)
    {
        var document = await DocumentAsync(worker);
        return (document.GetProperty("inFlight").GetInt32(), document.GetProperty("waiting").GetInt32(), document.GetProperty("concurrency").GetInt32());
    }

    private static async Task<JsonElement> DocumentAsync(TestWorker worker) =>
        JsonDocument.Parse(await worker.Management.GetStringAsync("inflight")).RootElement;

    /// <summary>A handler that knows how many of it ran at once. None ends before <paramref name="until"/>.</summary>
    private sealed class Probe(Task until)
    {
        private readonly Lock _lock = new();
        private int _now;

        public int Peak { get; private set; }

        public async Task RunAsync(JobContext context, CancellationToken cancellationToken)
        {
            lock (_lock)
                Peak = Math.Max(Peak, ++_now);
            await until.WaitAsync(cancellationToken);
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellationToken);
            lock (_lock)
                _now--;
        }
    }
}
