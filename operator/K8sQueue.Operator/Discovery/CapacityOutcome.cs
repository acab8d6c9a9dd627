namespace K8sQueue.Operator.Discovery;

/// <summary>How the reads of a budget's server went.</summary>
/// <param name="Source">The server, as in the status.</param>
/// <param name="Reading">The last read that succeeded; null for none.</param>
/// <param name="Before">The one before that.</param>
/// <param name="Failure">Why the last read failed; null where it did not.</param>
internal sealed record CapacityOutcome(string Source, CapacityReading? Reading, CapacityReading? Before, CapacityFailure? Failure);

/// <param name="Reason">The condition's.</param>
/// <param name="Message">What is wrong, and what to do.</param>
internal sealed record CapacityFailure(string Reason, string Message);
