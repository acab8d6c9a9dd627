using System.Text;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>Jobs without a delay and traits are added by a script of their own, which promises what enqueue.lua does.</summary>
public sealed class RedisAddTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Plain_jobs_of_all_sorts_in_one_call_become_what_enqueue_makes_of_them(int seed)
    {
        var random = new Random(seed);
        JobRequest[] plain = [.. Enumerable.Range(0, 40).Select(i => Next(random, i))];
        var other = Queue + "-x";
        var added = await Jobs.EnqueueAsync(plain, Bound);

        // A job with a tag sends all of its call through the other script.
        await Jobs.EnqueueAsync([.. plain.Select(job => job with { Queue = other }), plain[0] with { Queue = other, Lane = Lane.Low, Tags = ["t"] }], Bound);

        var mine = await ReadAsync(Queue);
        var theirs = await ReadAsync(other);
        mine.Should().Equal(theirs.Take(plain.Length), $"seed {seed}");
        mine.Count(line => line.EndsWith("Running", StringComparison.Ordinal)).Should().Be(plain.Count(job => job.Tracked), $"seed {seed}");
        (await Jobs.GetStatisticsAsync(Queue, Bound)).EnqueuedTotal.Should().Be(plain.Length);
        added.Select(job => job.Id.IsTracked).Should().Equal(plain.Select(job => job.Tracked));

        var events = await Jobs.ReadEventsAsync(Queue, JobEventId.Start, 1000, TimeSpan.Zero, Bound);
        events.Events.Where(e => e.Kind == JobEventKind.Added).Select(e => (e.Job.Value, e.Type)).Should()
            .Equal(added.Zip(plain).Where(pair => pair.Second.Tracked).Select(pair => (pair.First.Id.Value, (string?)pair.Second.Type)), $"seed {seed}");
    }

    [Fact]
    public async Task A_tracked_job_that_was_added_so_can_be_cancelled()
    {
        var id = await EnqueueAsync(tracked: true);
        (await Jobs.CancelAsync(id, Bound)).Should().Be(Core.Queues.CancelOutcome.Cancelled);
        (await StatisticsAsync()).Backlog.Waiting.Should().Be(0, "its record knows its entry");
    }

    // All that was asked for of each job, lane by lane in the order in which they start, and whether there is a record.
    private async Task<IReadOnlyList<string>> ReadAsync(string queue)
    {
        var consumer = await OpenAsync($"c-{queue}", [queue]);
        var jobs = new List<JobEnvelope>();
        while ((await Jobs.GetStatisticsAsync(queue, Bound)).Backlog.Waiting > 0)
            jobs.AddRange((await consumer.FetchAsync(7, Bound)).Select(lease => lease.Job));
        var lines = new List<string>();
        foreach (var job in jobs.OrderBy(job => job.Lane))
        {
            var record = job.Id.IsTracked ? await Jobs.GetJobAsync(job.Id, Bound) : null;
            lines.Add($"{job.Type} {job.Lane} {job.Retry} {job.Timeout} {job.TraceParent} {Encoding.UTF8.GetString(job.Payload.Span)} {record?.Type} {record?.State}");
        }

        return lines;
    }

    private JobRequest Next(Random random, int number) => new()
    {
        Queue = Queue,
        Type = random.Next(3) == 0 ? "größe.x" : "test.job",
        Payload = Encoding.UTF8.GetBytes($"{number}"),
        Tracked = random.Next(2) == 0,
        Lane = (Lane)random.Next((int)Lane.High, (int)Lane.Low + 1),
        Timeout = random.Next(3) == 0 ? TimeSpan.FromSeconds(30) : null,
        Retry = random.Next(3) == 0 ? RetryPolicy.Default with { MaxAttempts = 9 } : RetryPolicy.Default,
        TraceParent = random.Next(3) == 0 ? "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" : null,
    };
}
