using K8sQueue.Operator.Push.Activation;
using K8sQueue.Operator.Push.Backlogs;
using K8sQueue.Testing;

namespace K8sQueue.Operator.Tests.Push;

public sealed class BacklogSourceTests : IAsyncDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly FakeBacklogReader _redis = new();

    [Fact]
    public async Task Questions_of_the_same_moment_are_one_reading()
    {
        await using var source = new BacklogSource(_redis, _time);
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
        await using var source = new BacklogSource(_redis, _time);
        await source.ReadAsync("a", CancellationToken.None);
        _redis.IsAway = true;
        _time.Advance(TimeSpan.FromSeconds(1));

        await FluentActions.Awaiting(() => source.ReadAsync("a", CancellationToken.None)).Should().ThrowAsync<BacklogUnavailableException>();
    }

    [Fact]
    public async Task Only_queues_of_pools_at_zero_are_looked_at_all_of_them_at_once()
    {
        await using var source = new BacklogSource(_redis, _time);
        using var a = source.Add(new StreamSubscription("a", () => true, _time));
        using var again = source.Add(new StreamSubscription("a", () => true, _time));
        using var b = source.Add(new StreamSubscription("b", () => true, _time));
        using var running = source.Add(new StreamSubscription("running", () => false, _time));

        await Eventually.IsTrue(() => Task.FromResult(!_redis.Readings.IsEmpty));

        _redis.Readings.Should().OnlyContain(queues => queues.Count <= 2 && !queues.Contains("running"));
    }

    [Fact]
    public async Task A_stream_is_told_of_the_first_job_and_hears_nothing_through_an_outage()
    {
        await using var source = new BacklogSource(_redis, _time);
        var stream = new StreamSubscription("a", () => true, _time);
        using var subscription = source.Add(stream);
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
        await using var source = new BacklogSource(_redis, _time);
        using var subscription = source.Add(new StreamSubscription("a", () => false, _time));

        await Eventually.IsTrue(() => Task.FromResult(_time.ActiveTimers > 0));
        for (var i = 0; i < 20; i++)
            _time.Advance(TimeSpan.FromSeconds(1));

        _redis.Readings.Should().BeEmpty();
    }

    [Fact]
    public async Task A_source_that_nobody_asks_is_closed_and_one_with_a_stream_is_kept()
    {
        await using var sources = new BacklogSources(_ => new FakeBacklogReader(), _time);
        var (idle, used) = (Key("idle"), Key("used"));
        sources.Of(idle);
        using var subscription = sources.Of(used).Add(new StreamSubscription("a", () => false, _time));
        _time.Advance(TimeSpan.FromMinutes(10));

        await sources.CloseUnusedAsync();

        sources.Find(idle).Should().BeNull();
        sources.Find(used).Should().NotBeNull();
    }

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    private static BacklogSourceKey Key(string host) => new("shop", $"{host}:6379", 0, false, null, null, null, null);

    private Task PassAsync(Func<bool> condition) => Eventually.IsTrue(() =>
    {
        _time.Advance(TimeSpan.FromMilliseconds(500));
        return Task.FromResult(condition());
    });
}
