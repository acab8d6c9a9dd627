namespace K8sQueue.Core.Jobs;

/// <summary>A job that this consumer owns until it says how it ended, or loses it.</summary>
/// <param name="Job">The job.</param>
/// <param name="EntryId">The broker's name of this delivery; it never changes owner.</param>
/// <param name="Lane">The lane in which the entry stands.</param>
/// <param name="Lost">
/// Cancelled when the lease is lost or may be (it was not confirmed for one lease): stop work, its outcome will be refused.
/// </param>
public sealed record JobLease(JobEnvelope Job, string EntryId, Lane Lane, CancellationToken Lost);
