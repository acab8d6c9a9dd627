using System.Diagnostics;
using System.Globalization;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;
using Xunit.Abstractions;

namespace K8sQueue.Operator.Tests.Histories;

/// <summary>
/// The whole operator in random histories. K8SQUEUE_HISTORIES says how many, K8SQUEUE_HISTORY_STEPS how long; K8SQUEUE_HISTORY_SEED repeats one,
/// and shows its last steps, K8SQUEUE_HISTORY_TRACE of them.
/// </summary>
public sealed class HistoriesTests(ITestOutputHelper output)
{
    private const int TraceLength = 200;

    // Each is a test of its own, so that none takes as long as one that hangs.
    private const int Parts = 5;
    private const int Steps = 100;
    private const int MaxFailures = 5;
    private const int MostThreads = 4;

    private static readonly int Histories = HistoryCount.OrAll(10_000);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(Parts)]
    public void Budgets_hold_and_pools_converge_whatever_happens(int part)
    {
        if (Variable("K8SQUEUE_HISTORY_SEED") is { } seed)
        {
            if (part > 1)
                return;
            // Continuations run where an answer is given, so that a seed always gives the same history.
            SynchronizationContext.SetSynchronizationContext(null);
            Repeat(seed);
            return;
        }

        var run = new HistoryRun(Random.Shared.Next(1, 1_000_000_000), Histories / Parts, MaxFailures);
        output.WriteLine($"part {part} of {Parts}, seeds {run.First} to {run.First + run.Count - 1}");
        var (started, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        run.On(Math.Min(Environment.ProcessorCount, MostThreads), Run);
        var total = run.Counts;
        output.WriteLine(
            $"{run.Done} histories in {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s, {(Environment.CpuUsage.TotalTime - cpu).TotalSeconds:0} s of CPU: {total.Reconciliations} reconciliations, {total.Crashes} crashes, {total.Failures} failed calls, {total.LateCalls} late ones");
        run.Failures.Should().BeEmpty();
        total.Crashes.Should().BeGreaterThan(run.Count / 2, "histories in which nothing goes wrong prove nothing");
        total.LateCalls.Should().BeGreaterThan(run.Count / 4);
    }

    private void Repeat(int seed)
    {
        var history = new History(seed, Variable("K8SQUEUE_HISTORY_TRACE") ?? TraceLength);
        var failure = Run(history);
        foreach (var line in history.LastSteps)
            output.WriteLine(line);
        Show<V1Alpha1WorkerPool>(history);
        Show<V1Alpha1ConnectionBudget>(history);
        Show<V1Deployment>(history);
        Show<V1Pod>(history);
        failure.Should().BeNull();
    }

    private void Show<T>(History history)
        where T : class, IKubernetesObject
    {
        foreach (var item in history.Api.Of<T>().All)
            output.WriteLine(OperatorJson.ToObject(item).ToJsonString());
    }

    private static Exception? Run(History history)
    {
        try
        {
            history.Run(Variable("K8SQUEUE_HISTORY_STEPS") ?? Steps);
            new Convergence(history).Run();
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private static int? Variable(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : null;
}
