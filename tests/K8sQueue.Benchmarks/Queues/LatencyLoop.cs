using System.Diagnostics;

namespace K8sQueue.Benchmarks.Queues;

/// <summary>Measures one job at a time on an idle queue; bullmq/bench.mjs does the same.</summary>
internal static class LatencyLoop
{
    /// <summary>The pause before each job, in which the worker goes back to waiting.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    /// <summary>Jobs before the first one that counts: they open connections.</summary>
    public const int WarmUp = 20;

    /// <summary>Milliseconds from the call of <paramref name="add"/> to the call of the action that <paramref name="work"/> gets.</summary>
    /// <param name="jobs">How many.</param>
    /// <param name="add">Enqueues one job.</param>
    /// <param name="work">Waits for a job, says that it started, and completes it.</param>
    public static async Task<double[]> RunAsync(
        int jobs, Func<Task> add, Func<Action, Task> work, CancellationToken cancellationToken)
    {
        var milliseconds = new double[jobs];
        long startedAt = 0;
        for (var i = -WarmUp; i < jobs; i++)
        {
            var worked = work(() => startedAt = Stopwatch.GetTimestamp());
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            var addedAt = Stopwatch.GetTimestamp();
            await add();
            await worked;
            if (i >= 0)
                milliseconds[i] = Stopwatch.GetElapsedTime(addedAt, startedAt).TotalMilliseconds;
        }

        return milliseconds;
    }
}
