namespace K8sQueue.Core.Trends;

/// <summary>How long jobs of a queue, or of all of them together, waited for a start in a step.</summary>
/// <param name="Step">The step, by <see cref="TrendSpan.StepOf"/>.</param>
/// <param name="P50">What half of them did not exceed.</param>
/// <param name="P95">What 95 of 100 of them did not exceed.</param>
public readonly record struct WaitMark(long Step, TimeSpan P50, TimeSpan P95);
