using FsCheck;
using FsCheck.Fluent;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Redis;

namespace K8sQueue.Core.Tests.Jobs;

public sealed class RetryPolicyTests
{
    private static readonly RetryPolicy Plain = new() { Jitter = 0, Delay = TimeSpan.FromSeconds(1), MaxDelay = TimeSpan.FromSeconds(60) };

    [Fact]
    public void Exponential_delays_double_up_to_the_longest()
    {
        Enumerable.Range(1, 8).Select(a => Plain.DelayAfter(a, 0.5).TotalSeconds).Should().Equal(1, 2, 4, 8, 16, 32, 60, 60);
        Plain.DelayAfter(int.MaxValue, 0.5).Should().Be(Plain.MaxDelay);
    }

    [Fact]
    public void Fixed_delays_stay_the_same() =>
        Enumerable.Range(1, 4).Select(a => (Plain with { Backoff = BackoffKind.Fixed }).DelayAfter(a, 0.9).TotalSeconds)
            .Should().AllBeEquivalentTo(1);

    [Fact]
    public void Jitter_spreads_a_delay_to_both_sides()
    {
        var policy = Plain with { Jitter = 0.2, Delay = TimeSpan.FromSeconds(10) };
        policy.DelayAfter(1, 0).TotalSeconds.Should().BeApproximately(8, 0.001);
        policy.DelayAfter(1, 0.5).TotalSeconds.Should().BeApproximately(10, 0.001);
        policy.DelayAfter(1, 0.999999).TotalSeconds.Should().BeApproximately(12, 0.001);
    }

    [Fact]
    public void A_policy_is_the_same_after_it_stood_in_a_header() => Prop.ForAll(Policies().ToArbitrary(), policy =>
        RetryPolicyText.TryParse(RetryPolicyText.Format(policy), out var read) && read == policy).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("5")]
    [InlineData("e1,2,3")]
    [InlineData("5e1,2")]
    [InlineData("5e1,2,3,4")]
    [InlineData("5x1,2,3")]
    [InlineData("-5e1,2,3")]
    public void Text_that_is_no_policy_is_refused(string text) => RetryPolicyText.TryParse(text, out _).Should().BeFalse();

    private static Gen<RetryPolicy> Policies() =>
        from attempts in Gen.Choose(1, 1000)
        from exponential in Gen.Elements(true, false)
        from delay in Gen.Choose(0, int.MaxValue)
        from more in Gen.Choose(0, int.MaxValue)
        from jitter in Gen.Choose(0, 1000)
        select new RetryPolicy
        {
            MaxAttempts = attempts,
            Backoff = exponential ? BackoffKind.Exponential : BackoffKind.Fixed,
            Delay = TimeSpan.FromMilliseconds(delay),
            MaxDelay = TimeSpan.FromMilliseconds((long)delay + more),
            Jitter = jitter / 1000d,
        };
}
