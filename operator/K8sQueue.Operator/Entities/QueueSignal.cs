namespace K8sQueue.Operator.Entities;

/// <summary>How KEDA learns of a native queue's jobs: the values of <c>signal</c>.</summary>
public static class QueueSignal
{
    /// <summary>KEDA asks Redis.</summary>
    public const string Poll = "Poll";

    /// <summary>The operator tells KEDA.</summary>
    public const string Push = "Push";
}
