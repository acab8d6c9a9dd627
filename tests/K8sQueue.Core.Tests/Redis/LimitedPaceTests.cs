using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis.Consumers;

namespace K8sQueue.Core.Tests.Redis;

public sealed class LimitedPaceTests
{
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(500);
    private readonly LimitedPace _pace = new(Idle, Longest);

    [Fact]
    public void Who_is_held_again_and_again_looks_less_often()
    {
        var waits = Enumerable.Range(0, 8).Select(_ => _pace.Next(QueueHold.Concurrency, TimeSpan.Zero, random: 0.5).TotalMilliseconds);

        waits.Should().Equal(20, 40, 80, 160, 320, 500, 500, 500);
    }

    [Fact]
    public void Jobs_that_were_taken_or_a_queue_where_none_waits_begin_it_anew()
    {
        _pace.Next(QueueHold.Rate, TimeSpan.Zero, 0.5);
        _pace.Next(QueueHold.Rate, TimeSpan.Zero, 0.5);
        _pace.Took();
        _pace.Next(QueueHold.Rate, TimeSpan.Zero, 0.5).Should().Be(TimeSpan.FromMilliseconds(20));
        _pace.Next(QueueHold.None, TimeSpan.Zero, 0.5).Should().Be(Idle);
        _pace.Next(QueueHold.Rate, TimeSpan.Zero, 0.5).Should().Be(TimeSpan.FromMilliseconds(20));
    }

    [Fact]
    public void It_does_not_look_before_the_rate_lets_a_job_start()
    {
        var soon = TimeSpan.FromSeconds(3);

        _pace.Next(QueueHold.Rate, soon, random: 0).Should().Be(soon);
        _pace.Next(QueueHold.Rate, soon, random: 1).Should().Be(soon + TimeSpan.FromMilliseconds(20));
    }

    [Fact]
    public void Two_consumers_do_not_look_at_the_same_time()
    {
        var other = new LimitedPace(Idle, Longest);

        _pace.Next(QueueHold.Concurrency, TimeSpan.Zero, 0.1).Should().NotBe(other.Next(QueueHold.Concurrency, TimeSpan.Zero, 0.9));
    }
}
