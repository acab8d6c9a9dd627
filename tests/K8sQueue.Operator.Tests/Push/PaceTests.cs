using K8sQueue.Operator.Push.Activation;
using K8sQueue.Operator.Push.Backlogs;
using K8sQueue.Testing;

namespace K8sQueue.Operator.Tests.Push;

public sealed class PaceTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void A_redis_is_busy_with_looks_for_a_fifth_of_the_time_at_most()
    {
        var pace = new ReadPace();

        pace.AfterSuccess(TimeSpan.FromMilliseconds(2)).Should().Be(ReadPace.Shortest);
        pace.AfterSuccess(TimeSpan.FromMilliseconds(500)).Should().Be(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void Failures_make_looks_rarer_and_a_success_ends_that()
    {
        var pace = new ReadPace();

        Enumerable.Range(0, 7).Select(_ => pace.AfterFailure().TotalMilliseconds).Should().Equal(250, 500, 1000, 2000, 4000, 5000, 5000);
        pace.AfterSuccess(TimeSpan.Zero);
        pace.AfterFailure().Should().Be(ReadPace.Shortest);
    }

    [Fact]
    public void An_activation_is_said_at_once_and_again_later_and_later()
    {
        var repeat = new ActivationRepeat(_time);
        var said = new List<int>();
        for (var second = 0; second < 100; second++)
        {
            if (repeat.Next(active: true))
                said.Add(second);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        said.Should().Equal(0, 1, 3, 7, 15, 31, 61, 91);
    }

    [Fact]
    public void After_a_moment_without_work_it_is_said_at_once_again()
    {
        var repeat = new ActivationRepeat(_time);

        repeat.Next(active: true).Should().BeTrue();
        repeat.Next(active: true).Should().BeFalse();
        repeat.Next(active: false).Should().BeFalse();
        repeat.Next(active: true).Should().BeTrue();
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(1, 6)]
    public void A_stream_of_a_pool_with_replicas_ends_after_five_minutes_or_so(double sample, int minutes)
    {
        var lifetime = new StreamLifetime(_time, sample);

        _time.Advance(TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1));
        lifetime.IsOver(isAtZero: false).Should().BeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));
        lifetime.IsOver(isAtZero: false).Should().BeTrue();
    }

    [Fact]
    public void A_stream_of_a_pool_at_zero_is_kept_for_longer_but_not_for_ever()
    {
        var lifetime = new StreamLifetime(_time, 1);

        _time.Advance(TimeSpan.FromMinutes(60));
        lifetime.IsOver(isAtZero: true).Should().BeFalse();
        _time.Advance(TimeSpan.FromMinutes(12));
        lifetime.IsOver(isAtZero: true).Should().BeTrue();
    }
}
