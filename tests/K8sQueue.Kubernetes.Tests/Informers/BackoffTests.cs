using K8sQueue.Kubernetes.Informers;
using K8sQueue.Testing;

namespace K8sQueue.Kubernetes.Tests.Informers;

public class BackoffTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Ceilings_double_from_800_ms_to_30_s()
    {
        var backoff = new Backoff(_time, () => 1);

        Enumerable.Range(0, 8).Select(_ => backoff.Next().TotalMilliseconds)
            .Should().Equal(800, 1600, 3200, 6400, 12800, 25600, 30000, 30000);
    }

    [Fact]
    public void The_delay_is_any_share_of_the_ceiling()
    {
        var backoff = new Backoff(_time, () => 0.25);

        backoff.Next().TotalMilliseconds.Should().Be(200);
    }

    [Fact]
    public void Two_quiet_minutes_start_it_again()
    {
        var backoff = new Backoff(_time, () => 1);
        backoff.Next();
        backoff.Next();

        _time.Advance(TimeSpan.FromSeconds(121));

        backoff.Next().TotalMilliseconds.Should().Be(800);
    }
}
