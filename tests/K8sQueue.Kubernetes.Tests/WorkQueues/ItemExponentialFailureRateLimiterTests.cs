using K8sQueue.Kubernetes.WorkQueues;

namespace K8sQueue.Kubernetes.Tests.WorkQueues;

public class ItemExponentialFailureRateLimiterTests
{
    private readonly ItemExponentialFailureRateLimiter<string> _limiter = new();

    [Fact]
    public void Delays_double_from_five_milliseconds_for_each_item_by_itself()
    {
        Enumerable.Range(0, 5).Select(_ => _limiter.When("a").TotalMilliseconds).Should().Equal(5, 10, 20, 40, 80);
        _limiter.When("b").TotalMilliseconds.Should().Be(5);
        _limiter.Failures("a").Should().Be(5);
    }

    [Fact]
    public void The_longest_delay_is_a_thousand_seconds_however_many_failures_there_were()
    {
        var delays = Enumerable.Range(0, 5000).Select(_ => _limiter.When("a")).ToList();

        delays.Should().BeInAscendingOrder();
        delays[^1].Should().Be(TimeSpan.FromSeconds(1000));
    }

    [Fact]
    public void A_forgotten_item_starts_again()
    {
        _limiter.When("a");
        _limiter.When("a");

        _limiter.Forget("a");

        _limiter.Failures("a").Should().Be(0);
        _limiter.When("a").TotalMilliseconds.Should().Be(5);
    }
}
