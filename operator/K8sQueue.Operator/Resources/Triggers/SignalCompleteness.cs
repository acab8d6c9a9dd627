using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Resources.Triggers;

/// <summary>Whether a queue's triggers count the jobs that run, and not only those that wait.</summary>
/// <param name="Status">That of a condition.</param>
/// <param name="Reason">One of <see cref="Reasons"/>.</param>
/// <param name="Message">What is not counted, and what to do; names the queue.</param>
internal sealed record SignalCompleteness(string Status, string Reason, string Message)
{
    public static SignalCompleteness Complete { get; } = new(V1Condition.True, Reasons.InFlightCounted, "Waiting and running jobs are counted.");

    public static SignalCompleteness Incomplete(string reason, string message) => new(V1Condition.False, reason, message);

    public static SignalCompleteness Unknown(string reason, string message) => new(V1Condition.Unknown, reason, message);

    /// <summary>The worst of several: False, then Unknown. All of that status are told.</summary>
    public static SignalCompleteness Worst(IReadOnlyCollection<SignalCompleteness> signals)
    {
        var worst = signals.FirstOrDefault(signal => signal.Status == V1Condition.False)
            ?? signals.FirstOrDefault(signal => signal.Status == V1Condition.Unknown);
        return worst is null ? Complete : worst with
        {
            Message = string.Join(" ", signals.Where(signal => signal.Status == worst.Status).Select(signal => signal.Message).Distinct()),
        };
    }
}
