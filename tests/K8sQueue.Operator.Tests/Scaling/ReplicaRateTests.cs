using K8sQueue.Operator.Scaling;
using K8sQueue.Testing;

namespace K8sQueue.Operator.Tests.Scaling;

public sealed class ReplicaRateTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Without_a_limit_every_step_is_taken() => new ReplicaRate(_time).Next(0, 50, null, null).Should().Be(new RateDecision(50, null));

    [Theory]
    [InlineData(0, 10, 4)]
    [InlineData(10, 0, 6)]
    public void A_limit_holds_over_a_minute(int from, int to, int after)
    {
        var rate = new ReplicaRate(_time);

        rate.Next(from, to, 4, 4).Should().Be(new RateDecision(after, TimeSpan.FromMinutes(1)));
        rate.Next(after, to, 4, 4).Replicas.Should().Be(after);
        _time.Advance(TimeSpan.FromSeconds(60));
        rate.Next(after, to, 4, 4).Replicas.Should().NotBe(after);
    }

    [Fact]
    public void Up_and_down_have_limits_of_their_own()
    {
        var rate = new ReplicaRate(_time);
        rate.Next(0, 5, 5, 1);

        rate.Next(5, 0, 5, 1).Replicas.Should().Be(4);
    }
}
