namespace K8sQueue.Core.Jobs;

/// <summary>A job that this consumer owns until it says how it ended, or loses it.</summary>
/// <param name="Job">The job.</param>
/// <param name="EntryId">The broker's name of this delivery; it never changes owner.</param>
/// <param name="Lane">The lane in which the entry stands.</param>
/// <param name="Lost">
/// Cancelled when the lease is lost or may be (it was not confirmed for one lease): stop work. End the lease with an outcome all
/// the same: it is <see cref="Queues.LeaseOutcome.Gone"/> where the job has another owner, but where the broker was merely silent
/// nobody took the job, its lease is renewed on, and only an outcome ends it.
/// </param>
/// <param name="Cancelled">
/// Cancelled when <see cref="Queues.IJobQueue.CancelAsync"/> was called for the job: stop work, and end the lease with
/// <see cref="Queues.IJobConsumer.CancelAsync"/>. Work that is done all the same may be completed.
/// </param>
public sealed record JobLease(JobEnvelope Job, string EntryId, Lane Lane, CancellationToken Lost, CancellationToken Cancelled = default)
{
    private readonly long _availableAt;

    /// <summary>Since when it could have been taken: when it was put in its lane, by the broker's clock; null where that is not known.</summary>
    public DateTimeOffset? AvailableAt
    {
        // In eight bytes, since every start has one.
        get => _availableAt == 0 ? null : new DateTimeOffset(_availableAt, TimeSpan.Zero);
        init => _availableAt = value?.UtcTicks ?? 0;
    }

    /// <summary>
    /// By how much the broker's clock was ahead of this machine's when the lease was given; zero where that is not known. Times that the broker wrote
    /// are compared with the time here plus this.
    /// </summary>
    public TimeSpan BrokerAhead { get; init; }
}
