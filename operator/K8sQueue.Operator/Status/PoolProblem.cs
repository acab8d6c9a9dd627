namespace K8sQueue.Operator.Status;

/// <summary>Something that only a person can mend, or that mends itself elsewhere.</summary>
/// <param name="Reason">One of <see cref="Reasons"/>.</param>
/// <param name="Message">What is wrong and what to do.</param>
public sealed record PoolProblem(string Reason, string Message);
