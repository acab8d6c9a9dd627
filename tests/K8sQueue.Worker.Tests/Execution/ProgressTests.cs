using System.Collections.Concurrent;
using K8sQueue.Core.InMemory;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Worker.Execution;
using K8sQueue.Worker.Handlers;
using K8sQueue.Worker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Worker.Tests.Execution;

public sealed class ProgressTests
{
    [Fact]
    public async Task The_last_report_of_each_job_is_told_together_and_no_more_than_every_half_second()
    {
        var time = new ManualTimeProvider();
        using var stop = new CancellationTokenSource();
        var (reporter, consumer, running) = await StartAsync(time, jobs: 3, stop.Token);

        reporter.Report(running[0], 0.1, null);
        await Eventually.IsTrue(() => consumer.Reports.Count == 1 && time.ActiveTimers == 1);
        for (var i = 0; i <= 1000; i++)
            reporter.Report(running[i % 2], i / 1000d, $"{i}");
        time.Advance(ProgressReporter.Interval - TimeSpan.FromMilliseconds(1));
        consumer.Reports.Should().ContainSingle();
        time.Advance(TimeSpan.FromMilliseconds(1));
        await Eventually.IsTrue(() => consumer.Reports.Count == 2 && time.ActiveTimers == 1);

        consumer.Reports.Last().Select(r => (r.Lease, r.Share, r.Note)).Should().BeEquivalentTo(
            [(running[0].Lease, 1d, "1000"), (running[1].Lease, 0.999, "999")]);
        time.Advance(ProgressReporter.Interval * 10);
        reporter.Report(running[2], 0.5, null);
        await Eventually.IsTrue(() => consumer.Reports.Count == 3);
        await stop.CancelAsync();
    }

    [Fact]
    public async Task What_could_not_be_told_is_told_again_unless_there_is_news_or_the_job_has_ended()
    {
        var time = new ManualTimeProvider();
        using var stop = new CancellationTokenSource();
        var (reporter, consumer, running) = await StartAsync(time, jobs: 3, stop.Token);
        consumer.IsDown = true;
        foreach (var job in running)
            reporter.Report(job, 0.2, "old");
        await Eventually.IsTrue(() => consumer.Refused == 1 && time.ActiveTimers == 1);

        consumer.IsDown = false;
        reporter.Report(running[1], 0.3, "new");
        running[2].Settle();
        time.Advance(ProgressReporter.Interval);
        await Eventually.IsTrue(() => consumer.Reports.Count == 1 && time.ActiveTimers == 1);

        consumer.Reports.Single().Select(r => (r.Lease, r.Note)).Should().BeEquivalentTo([(running[0].Lease, "old"), (running[1].Lease, "new")]);
        reporter.Report(running[2], 1, "late");
        time.Advance(ProgressReporter.Interval);
        await Eventually.IsTrue(() => time.ActiveTimers == 1);
        consumer.Reports.Should().ContainSingle("of what has ended nothing is told");
        await stop.CancelAsync();
    }

    [Fact]
    public async Task The_record_of_a_running_job_shows_what_its_handler_said_last()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var queue = new RedisJobQueue(new RedisQueueOptions { Address = redis.Address });
        var finish = new TaskCompletionSource();
        await using var worker = await TestWorker.StartAsync(
            w => w.AddHandler("t", async (context, _) =>
            {
                for (var i = 0; i < 100; i++)
                    await context.ReportProgressAsync(i / 100d, $"file {i} of 100");
                await finish.Task;
            }),
            queue: new FaultyJobQueue(queue));
        var id = await worker.EnqueueAsync("t");

        await Eventually.IsTrue(async () => (await worker.JobAsync(id)).Progress is { Share: 0.99, Note: "file 99 of 100" });

        worker.Broker.Consumer!.Reports.Count.Should().BeLessThan(5);
        finish.SetResult();
        (await worker.EndOfAsync(id)).Progress.Should().NotBeNull();
    }

    [Fact]
    public async Task Of_untracked_jobs_nothing_is_told()
    {
        await using var worker = await TestWorker.StartAsync(
            w => w.AddHandler("t", (context, _) => context.ReportProgressAsync(0.5).AsTask()));
        await worker.Broker.EnqueueAsync([new JobRequest { Queue = TestWorker.Queue, Type = "t" }], CancellationToken.None);

        await Eventually.IsTrue(async () => (await worker.StatisticsAsync()).CompletedTotal == 1);

        worker.Broker.Consumer!.Reports.Should().BeEmpty();
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public async Task A_share_is_from_0_to_1(double share)
    {
        var report = () => new JobContext(Job(tracked: true).Job).ReportProgressAsync(share).AsTask();

        await report.Should().ThrowAsync<ArgumentOutOfRangeException>();
    }

    [Fact]
    public async Task A_note_is_cut_but_not_within_a_character()
    {
        var notes = new List<string?>();
        var context = new JobContext(Job(tracked: true).Job) { Progress = (_, note) => notes.Add(note) };

        await context.ReportProgressAsync(0, new string('x', JobLimits.MaxProgressNoteLength - 1) + "😀!");
        await context.ReportProgressAsync(0, new string('y', 10_000));
        await context.ReportProgressAsync(1);

        notes.Should().Equal(new string('x', JobLimits.MaxProgressNoteLength - 1), new string('y', JobLimits.MaxProgressNoteLength), null);
    }

    private static async Task<(ProgressReporter Reporter, Recorder Consumer, IReadOnlyList<RunningJob> Running)> StartAsync(
        ManualTimeProvider time, int jobs, CancellationToken stop)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(time);
        services.AddK8sQueueWorker(o => o.Queues.Add("q"));
        var provider = services.BuildServiceProvider();
        var reporter = provider.GetRequiredService<ProgressReporter>();
        var consumer = new Recorder(await new InMemoryJobQueue().OpenConsumerAsync(
            new JobConsumerOptions { Queues = ["q"], Name = "c" }, CancellationToken.None));
        _ = reporter.RunAsync(consumer, stop);
        var scopes = provider.GetRequiredService<IServiceScopeFactory>();
        return (reporter, consumer, [.. Enumerable.Range(0, jobs).Select(_ => new RunningJob(Job(tracked: true), handler: null, scopes, reporter))]);
    }

    private static JobLease Job(bool tracked) => new(
        new JobEnvelope
        {
            Id = JobId.Create("q", tracked, TimeProvider.System),
            Type = "t",
            Payload = default,
            Retry = RetryPolicy.Default,
        },
        "1-1",
        Lane.Normal,
        CancellationToken.None);

    private sealed class Recorder(IJobConsumer inner) : DelegatingJobConsumer(inner)
    {
        public ConcurrentQueue<IReadOnlyList<JobProgressReport>> Reports { get; } = new();

        public bool IsDown { get; set; }

        public int Refused { get; private set; }

        public override ValueTask ReportProgressAsync(IReadOnlyList<JobProgressReport> reports, CancellationToken cancellationToken)
        {
            if (IsDown)
            {
                Refused++;
                throw new JobQueueUnavailableException("The broker is down.");
            }

            Reports.Enqueue(reports);
            return ValueTask.CompletedTask;
        }
    }
}
