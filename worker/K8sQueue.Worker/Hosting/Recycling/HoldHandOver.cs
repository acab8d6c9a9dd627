using System.Globalization;
using K8sQueue.Worker.Execution;

namespace K8sQueue.Worker.Hosting;

/// <summary>
/// A hold goes over to the program that the process executes next, in a variable of its environment: whoever held the worker while it recycled
/// counts on a worker that does not fetch.
/// </summary>
internal static class HoldHandOver
{
    /// <summary>Not a setting, and of no use to anybody else.</summary>
    internal const string Variable = "K8SQUEUE_WORKER_HOLD";

    public static void Give(WorkerHold? hold) => Environment.SetEnvironmentVariable(Variable, hold is null ? null : string.Create(
        CultureInfo.InvariantCulture, $"{hold.Until.ToUnixTimeMilliseconds()} {hold.HeldAt}"));

    /// <summary>What the program before gave, once; null for nothing.</summary>
    public static WorkerHold? Take()
    {
        var text = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, null);
        if (text?.Split(' ') is not [var until, var version] || !long.TryParse(until, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
            return null;
        ulong? heldAt = ulong.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var read) ? read : null;
        return new WorkerHold(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), heldAt);
    }
}
