using K8sQueue.Operator.Tests.Histories;
using Xunit.Abstractions;

namespace K8sQueue.Operator.Tests.Revisions;

public sealed class RolloutHistoryTests(ITestOutputHelper output)
{
    private const int Steps = 200;

    private static readonly int Histories = HistoryCount.OrAll(3_000);

    [Fact]
    public void Rollouts_keep_to_their_bounds_and_end()
    {
        var (rollouts, stalls) = Play(history => history.ConvergeToCurrent());

        rollouts.Should().BeGreaterThan(Histories);
        stalls.Should().BeGreaterThan(Histories / 10);
    }

    [Fact]
    public void A_revision_that_never_becomes_ready_costs_no_capacity() =>
        Play(history => history.FallBack()).Stalls.Should().BeGreaterThan(Histories / 2);

    private (int Rollouts, int Stalls) Play(Action<RolloutHistory> end)
    {
        var first = int.TryParse(Environment.GetEnvironmentVariable("K8SQUEUE_TEST_SEED"), out var seed) ? seed : Environment.TickCount & 0xffffff;
        output.WriteLine($"seeds {first} to {first + Histories - 1} (K8SQUEUE_TEST_SEED={first} repeats them)");
        var (rollouts, stalls) = (0, 0);
        for (var i = 0; i < Histories; i++)
        {
            var history = new RolloutHistory(first + i);
            try
            {
                history.Run(Steps);
                end(history);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {first + i}: {e.Message}", e);
            }

            rollouts += history.Rollouts;
            stalls += history.Stalls;
        }

        output.WriteLine($"{rollouts} rollouts, {stalls} stalls");
        return (rollouts, stalls);
    }
}
