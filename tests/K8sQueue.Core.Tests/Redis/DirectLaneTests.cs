using K8sQueue.Core.Jobs;
using K8sQueue.Core.Redis.Consumers;

namespace K8sQueue.Core.Tests.Redis;

public sealed class DirectLaneTests
{
    private const int Most = 100;
    private readonly DirectLane _direct = new(leastJobs: 50);

    [Fact]
    public void A_large_fetch_reads_directly_after_a_full_one_of_one_lane()
    {
        _direct.Next(Most, Lane.Returned).Should().BeNull("nothing is known yet");
        _direct.Took(Most, Lane.Returned, Leases(Most));

        _direct.Next(Most, Lane.Returned).Should().Be(Lane.Normal);
        _direct.Next(50, Lane.Returned).Should().Be(Lane.Normal);
        _direct.Next(49, Lane.Returned).Should().BeNull("a small fetch gains nothing");
    }

    [Fact]
    public void It_does_not_after_one_that_was_not_full_or_mixed_or_tracked()
    {
        foreach (var last in new[] { Leases(Most - 1), [.. Leases(1, Lane.High), .. Leases(Most - 1)], Leases(Most, tracked: true), [] })
        {
            _direct.Took(Most, Lane.Returned, Leases(Most));
            _direct.Took(Most, Lane.Returned, last);
            _direct.Next(Most, Lane.Returned).Should().BeNull();
        }
    }

    [Fact]
    public void Where_another_lane_went_first_the_script_reads_for_a_while()
    {
        _direct.Took(Most, Lane.Returned, Leases(Most));
        _direct.Refused(Lane.Returned);
        for (var i = 0; i < DirectLane.FetchesOff; i++)
        {
            _direct.Next(Most, Lane.Returned).Should().BeNull();
            _direct.Took(Most, Lane.Returned, Leases(Most));
        }

        _direct.Next(Most, Lane.Returned).Should().Be(Lane.Normal);
    }

    [Fact]
    public void Where_low_jobs_wait_only_the_batches_that_start_at_low_are_the_scripts()
    {
        _direct.Took(Most, Lane.Returned, Leases(Most));
        _direct.Next(Most, Lane.Low).Should().Be(Lane.Normal);
        _direct.Refused(Lane.Low);

        _direct.Next(Most, Lane.Low).Should().BeNull();
        _direct.Next(Most, Lane.Returned).Should().Be(Lane.Normal);

        _direct.Took(Most, Lane.Low, Leases(Most));
        _direct.Next(Most, Lane.Low).Should().Be(Lane.Normal, "none of them was low");
    }

    [Fact]
    public void A_batch_that_another_lane_filled_leaves_the_next_ones_as_they_were()
    {
        _direct.Took(Most, Lane.Returned, Leases(Most, Lane.High));
        _direct.Refused(Lane.Normal);
        _direct.Next(Most, Lane.Normal).Should().BeNull();
        _direct.Took(Most, Lane.Normal, Leases(Most));

        _direct.Next(Most, Lane.Returned).Should().Be(Lane.High);
        _direct.Next(Most, Lane.Low).Should().Be(Lane.High);
        _direct.Next(Most, Lane.Normal).Should().BeNull("normal jobs wait");
    }

    private static JobLease[] Leases(int count, Lane lane = Lane.Normal, bool tracked = false) =>
        [.. Enumerable.Range(0, count).Select(i => new JobLease(
            new JobEnvelope
            {
                Id = JobId.Create("q", tracked, TimeProvider.System), Type = "t", Payload = default, Retry = RetryPolicy.Default,
            },
            $"1-{i}",
            lane,
            CancellationToken.None))];
}
