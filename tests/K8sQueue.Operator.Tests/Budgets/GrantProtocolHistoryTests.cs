using K8sQueue.Operator.Tests.Histories;
using Xunit.Abstractions;

namespace K8sQueue.Operator.Tests.Budgets;

public sealed class GrantProtocolHistoryTests(ITestOutputHelper output)
{
    private const int Steps = 90;

    private static readonly int Histories = HistoryCount.OrAll(10_000);

    [Fact]
    public void Budgets_hold_through_crashes_conflicts_late_writes_lost_and_isolated_pods_and_changes_of_capacity()
    {
        // Continuations run where a call is let through, so that a seed always gives the same history.
        SynchronizationContext.SetSynchronizationContext(null);
        var first = int.TryParse(Environment.GetEnvironmentVariable("K8SQUEUE_TEST_SEED"), out var seed) ? seed : Environment.TickCount & 0xffffff;
        output.WriteLine($"seeds {first} to {first + Histories - 1} (K8SQUEUE_TEST_SEED={first} repeats them)");
        var (granted, crashes, conflicts, changes) = (0, 0, 0, 0);
        for (var i = 0; i < Histories; i++)
        {
            var history = new GrantHistory(first + i);
            try
            {
                history.Run(Steps);
                history.Converge();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {first + i}: {e.Message}", e);
            }

            granted += history.Granted;
            crashes += history.Crashes;
            conflicts += history.Conflicts;
            changes += history.CapacityChanges;
        }

        output.WriteLine($"{Histories} histories of {Steps} steps: {granted} grants, {crashes} crashes, {conflicts} injected failures, {changes} changes of capacity");
        granted.Should().BeGreaterThan(Histories, "histories that grant nothing prove nothing");
        crashes.Should().BeGreaterThan(Histories / 2);
    }
}
