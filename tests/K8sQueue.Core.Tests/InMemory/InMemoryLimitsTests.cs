using K8sQueue.Core.InMemory;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Tests.Compliance;
using K8sQueue.Testing;
using Xunit.Abstractions;

namespace K8sQueue.Core.Tests.InMemory;

/// <summary>Random rates and looks, with a printed seed.</summary>
public sealed class InMemoryLimitsTests(ITestOutputHelper output)
{
    [Fact]
    public void In_no_window_of_a_period_more_start_than_the_rate_and_the_burst_and_over_time_no_fewer_than_the_rate()
    {
        for (var run = 0; run < 200; run++)
        {
            var seed = Random.Shared.Next();
            output.WriteLine($"seed {seed}");
            var random = new Random(seed);
            var rate = new QueueRate(random.Next(1, 60), TimeSpan.FromMilliseconds(random.Next(1, 500))) { Burst = random.Next(1, 60) };
            var time = new ManualTimeProvider();
            var limits = new InMemoryLimits(time);
            limits.Set(new QueueLimits { Rate = rate });
            var starts = new List<double>();
            var began = time.GetUtcNow();
            for (var step = 0; step < 2000; step++)
            {
                var allowed = limits.Allow(int.MaxValue, running: 0, anyWaits: true);
                limits.Took(allowed);
                starts.AddRange(Enumerable.Repeat((time.GetUtcNow() - began).TotalMilliseconds, allowed));
                time.Advance(TimeSpan.FromMilliseconds(1));
                if (random.Next(50) == 0)
                    limits.Set(new QueueLimits { Rate = rate });
            }

            RateRules.ShouldKeep(starts, rate);
            var earned = Math.Floor(2000 * rate.Jobs / rate.Period.TotalMilliseconds);
            // What a millisecond adds to less than a job must fit.
            var runsOver = rate.Jobs - 1 > (rate.Burst - 1) * rate.Period.TotalMilliseconds;
            if (!runsOver)
                starts.Count.Should().BeInRange((int)earned - rate.Burst - 1, rate.Burst + (int)earned + 1, "nothing drifts: {0}", rate);
        }
    }
}
