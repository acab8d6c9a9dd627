using K8sQueue.Operator.Push.Activation;
using K8sQueue.Operator.Push.Backlogs;
using K8sQueue.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace K8sQueue.Operator.Tests.Push;

public sealed class BacklogSourceTests : IAsyncDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly FakeBacklogReader _redis = new();

    [Fact]
    public async Task Questions_of_the_same_moment_are_one_reading()
    {
        await using var source = new BacklogSource(_redis, _time, NullLogger.Instance);
        _redis.Jobs["a"] = 3;

        (await source.ReadAsync("a", CancellationToken.None)).Jobs.Should().Be(3);
        await source.ReadAsync("a", CancellationToken.None);
        _redis.Readings.Should().HaveCount(1);

        _time.Advance(BacklogSource.Fresh);
        await source.ReadAsync("a", CancellationToken.None);
        _redis.Readings.Should().HaveCount(2);
    }

    [Fact]
    public async Task What_cannot_be_read_is_an_error_even_where_it_was_read_before()
    {
        await using var source = new BacklogSource(_redis, _time, NullLogger.Instance);
        await source.ReadAsync("a", CancellationToken.None);
        _redis.IsAway = true;
        _time.Advance(TimeSpan.FromSeconds(1));

        await FluentActions.Awaiting(() => source.ReadAsync("a", CancellationToken.None)).Should().ThrowAsync<BacklogUnavailableException>();
    }

    [Fact]
    public async Task Only_queues_of_pools_at_zero_are_looked_at_all_of_them_at_once()
    {
        await using var source = new BacklogSource(_redis, _time, NullLogger.Instance);
        using var a = source.TryAdd(new StreamSubscription("a", () => true, _time));
        using var again = source.TryAdd(new StreamSubscription("a", () => true, _time));
        using var b = source.TryAdd(new StreamSubscription("b", () => true, _time));
        using var running = source.TryAdd(new StreamSubscription("running", () => false, _time));

        await Eventually.IsTrue(() => Task.FromResult(!_redis.Readings.IsEmpty));

        _redis.Readings.Should().OnlyContain(queues => queues.Count <= 2 && !queues.Contains("running"));
    }

    [Fact]
    public async Task A_stream_is_told_of_the_first_job_and_hears_nothing_through_an_outage()
    {
        await using var source = new BacklogSource(_redis, _time, NullLogger.Instance);
        var stream = new StreamSubscription("a", () => true, _time);
        using var subscription = source.TryAdd(stream);
        _redis.IsAway = true;
        await PassAsync(() => _redis.Readings.Count >= 3);
        stream.Activations.TryRead(out _).Should().BeFalse();

        _redis.IsAway = false;
        _redis.Jobs["a"] = 1;

        await PassAsync(() => stream.Activations.TryRead(out _));
    }

    [Fact]
    public async Task Nothing_is_read_where_every_pool_has_replicas()
    {
        await using var source = new BacklogSource(_redis, _time, NullLogger.Instance);
        using var subscription = source.TryAdd(new StreamSubscription("a", () => false, _time));

        await Eventually.IsTrue(() => Task.FromResult(_time.ActiveTimers > 0));
        for (var i = 0; i < 20; i++)
            _time.Advance(TimeSpan.FromSeconds(1));

        _redis.Readings.Should().BeEmpty();
    }

    [Fact]
    public async Task A_source_that_nobody_asks_is_closed_and_one_with_a_stream_is_kept()
    {
        await using var sources = Sources(_ => new FakeBacklogReader());
        var (idle, used) = (Key("idle"), Key("used"));
        sources.Of(idle);
        using var subscription = sources.Of(used).TryAdd(new StreamSubscription("a", () => false, _time));
        _time.Advance(TimeSpan.FromMinutes(10));

        await sources.CloseUnusedAsync();

        sources.Find(idle).Should().BeNull();
        sources.Find(used).Should().NotBeNull();
    }

    [Fact]
    public async Task A_failure_that_nobody_expected_ends_neither_the_looks_nor_the_closing()
    {
        var sources = Sources(_ => _redis);
        var stream = new StreamSubscription("a", () => true, _time);
        _redis.Surprise = new ArgumentException("'redis:70000' is not host:port.");
        var subscription = sources.Of(Key("redis")).TryAdd(stream);
        await PassAsync(() => _redis.Readings.Count >= 3);

        _redis.Surprise = null;
        _redis.Jobs["a"] = 1;
        await PassAsync(() => stream.Activations.TryRead(out _));

        _redis.Surprise = new InvalidOperationException("again");
        subscription!.Dispose();
        await sources.DisposeAsync();
        _redis.IsClosed.Should().BeTrue();
    }

    [Fact]
    public async Task One_that_cannot_be_closed_keeps_no_other_one_open()
    {
        var readers = new List<FakeBacklogReader>();
        await using var sources = Sources(_ =>
        {
            readers.Add(new FakeBacklogReader { CloseFailure = new IOException("no") });
            return readers[^1];
        });
        sources.Of(Key("a"));
        sources.Of(Key("b"));
        _time.Advance(TimeSpan.FromMinutes(10));

        await sources.CloseUnusedAsync();

        readers.Should().HaveCount(2).And.OnlyContain(reader => reader.IsClosed);
    }

    [Fact]
    public async Task A_queue_that_cannot_be_read_silences_none_of_its_neighbours()
    {
        await using var source = new BacklogSource(_redis, _time, NullLogger.Instance);
        var (good, bad) = (new StreamSubscription("good", () => true, _time), new StreamSubscription("bad", () => true, _time));
        _redis.Bad["bad"] = new InvalidOperationException("WRONGTYPE");
        _redis.Jobs["good"] = 1;
        using var first = source.TryAdd(bad);
        using var second = source.TryAdd(good);

        await PassAsync(() => good.Activations.TryRead(out _));

        bad.Activations.TryRead(out _).Should().BeFalse();
        await FluentActions.Awaiting(() => source.ReadAsync("bad", CancellationToken.None)).Should().ThrowAsync<BacklogUnavailableException>();
    }

    [Fact]
    public async Task A_stream_that_arrives_while_its_source_is_closed_gets_another_one()
    {
        await using var sources = Sources(_ => new FakeBacklogReader());
        var closed = sources.Of(Key("redis"));
        _time.Advance(TimeSpan.FromMinutes(10));
        await sources.CloseUnusedAsync();

        closed.TryAdd(new StreamSubscription("a", () => true, _time)).Should().BeNull("nothing would ever be read for it");
        await FluentActions.Awaiting(() => closed.ReadAsync("a", CancellationToken.None)).Should().ThrowAsync<BacklogUnavailableException>();

        var open = sources.Of(Key("redis"));
        open.Should().NotBeSameAs(closed);
        using var subscription = open.TryAdd(new StreamSubscription("a", () => true, _time));
        subscription.Should().NotBeNull();
    }

    [Fact]
    public async Task What_was_read_of_a_queue_is_forgotten_some_minutes_after_the_last_question()
    {
        await using var sources = Sources(_ => new FakeBacklogReader());
        var source = sources.Of(Key("redis"));
        using var subscription = source.TryAdd(new StreamSubscription("kept", () => false, _time));
        await source.ReadAsync("gone", CancellationToken.None);
        _time.Advance(TimeSpan.FromMinutes(4));
        await source.ReadAsync("kept", CancellationToken.None);
        _time.Advance(TimeSpan.FromMinutes(1));

        await sources.CloseUnusedAsync();

        source.Last("gone").Should().BeNull();
        source.Last("kept").Should().NotBeNull();
    }

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    private BacklogSources Sources(Func<BacklogSourceKey, IBacklogReader> open) => new(open, _time, NullLogger.Instance);

    private static BacklogSourceKey Key(string host) => new("shop", $"{host}:6379", 0, false, null, null, null, null);

    private Task PassAsync(Func<bool> condition) => Eventually.IsTrue(() =>
    {
        _time.Advance(TimeSpan.FromMilliseconds(500));
        return Task.FromResult(condition());
    });
}
