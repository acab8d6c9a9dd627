using K8sQueue.Core.InMemory;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Tests.InMemory;

public sealed class InMemoryEventTests
{
    [Fact]
    public async Task Only_so_many_events_are_kept_and_who_missed_some_is_told()
    {
        await using var jobs = new InMemoryJobQueue(new InMemoryQueueOptions { EventsLimit = 3 });
        await EnqueueAsync(jobs, 1);
        var first = await ReadAsync(jobs, JobEventId.Start);
        await EnqueueAsync(jobs, 3);

        (await ReadAsync(jobs, first.Last)).Events.Should().HaveCount(3, "it is the one that is gone, and it was seen");
        await EnqueueAsync(jobs, 1);
        await FluentActions.Awaiting(() => ReadAsync(jobs, first.Last)).Should().ThrowAsync<JobEventsTrimmedException>();
        (await ReadAsync(jobs, JobEventId.Start)).Events.Should().HaveCount(3);
    }

    [Fact]
    public async Task None_are_kept_where_the_limit_is_0()
    {
        await using var jobs = new InMemoryJobQueue(new InMemoryQueueOptions { EventsLimit = 0 });
        await EnqueueAsync(jobs, 1);

        (await ReadAsync(jobs, JobEventId.Start)).Events.Should().BeEmpty();
    }

    private static async Task EnqueueAsync(InMemoryJobQueue jobs, int count) => await jobs.EnqueueAsync(
        [.. Enumerable.Repeat(new JobRequest { Queue = "q", Type = "t", Tracked = true }, count)], CancellationToken.None);

    private static Task<JobEventPage> ReadAsync(InMemoryJobQueue jobs, JobEventId after) =>
        jobs.ReadEventsAsync("q", after, 100, TimeSpan.Zero, CancellationToken.None).AsTask();
}
