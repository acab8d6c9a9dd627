using K8sQueue.Api.Events;
using K8sQueue.Core.InMemory;
using K8sQueue.Core.Jobs;
using K8sQueue.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace K8sQueue.Api.Tests.Events;

public sealed class EventFeedTests
{
    [Fact]
    public async Task Who_is_behind_what_is_kept_is_told_to_read_on_its_own()
    {
        await using var jobs = new InMemoryJobQueue();
        var feeds = new EventFeeds(jobs, TimeProvider.System, NullLogger<EventFeeds>.Instance);
        using var following = feeds.Follow("q", JobEventId.Start, out var feed);
        await EnqueueAsync(jobs, 10);
        await Eventually.IsTrue(() => feed.Behind(JobEventId.Start, out _) is { Count: 10 });
        var fifth = feed.Behind(JobEventId.Start, out _)![4].Id;

        await EnqueueAsync(jobs, EventFeed.Window);
        await Eventually.IsTrue(() => feed.Behind(fifth, out _) is null);

        feed.Behind(JobEventId.Start, out _).Should().BeNull();
        var last = (await jobs.ReadEventsAsync("q", JobEventId.Start, int.MaxValue, TimeSpan.Zero, CancellationToken.None)).Last;
        await Eventually.IsTrue(() => feed.Behind(last, out _) is { Count: 0 });
    }

    [Fact]
    public async Task Those_who_follow_a_queue_share_one_feed()
    {
        await using var jobs = new InMemoryJobQueue();
        var feeds = new EventFeeds(jobs, TimeProvider.System, NullLogger<EventFeeds>.Instance);
        var first = feeds.Follow("q", JobEventId.Start, out var one);
        using var second = feeds.Follow("q", JobEventId.Start, out var two);
        using var other = feeds.Follow("r", JobEventId.Start, out var three);

        two.Should().BeSameAs(one).And.NotBeSameAs(three);
        first.Dispose();
        first.Dispose();
        using var third = feeds.Follow("q", JobEventId.Start, out var four);
        four.Should().BeSameAs(one, "one of them follows still");
    }

    [Fact]
    public async Task No_more_follow_than_there_are_places()
    {
        await using var jobs = new InMemoryJobQueue();
        var feeds = new EventFeeds(jobs, TimeProvider.System, NullLogger<EventFeeds>.Instance);
        var places = Enumerable.Range(0, EventFeeds.MaxFollowers).Select(_ => feeds.TryEnter()).ToList();
        places.Should().NotContainNulls();

        feeds.TryEnter().Should().BeNull();
        places[0]!.Dispose();
        feeds.TryEnter().Should().NotBeNull();
    }

    [Fact]
    public async Task One_key_has_no_more_places_than_its_share()
    {
        await using var jobs = new InMemoryJobQueue();
        var feeds = new EventFeeds(jobs, TimeProvider.System, NullLogger<EventFeeds>.Instance);
        var places = Enumerable.Range(0, EventFeeds.MaxFollowersOfOne).Select(_ => feeds.TryEnter("greedy")).ToList();
        places.Should().NotContainNulls();

        feeds.TryEnter("greedy").Should().BeNull();
        feeds.TryEnter("modest").Should().NotBeNull();
        feeds.TryEnter().Should().NotBeNull("where nobody shows a key, all have all places");
        places[0]!.Dispose();
        places[0]!.Dispose();
        feeds.TryEnter("greedy").Should().NotBeNull();
        feeds.TryEnter("greedy").Should().BeNull();
    }

    private static async Task EnqueueAsync(InMemoryJobQueue jobs, int count) => await jobs.EnqueueAsync(
        [.. Enumerable.Repeat(new JobRequest { Queue = "q", Type = "t", Tracked = true }, count)], CancellationToken.None);
}
