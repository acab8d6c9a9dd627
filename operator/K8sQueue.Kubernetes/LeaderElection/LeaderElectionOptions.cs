namespace K8sQueue.Kubernetes.LeaderElection;

/// <summary>Which lease is held, and for how long.</summary>
public sealed class LeaderElectionOptions
{
    /// <summary>
    /// What a process that lost the lease ends with: EX_TEMPFAIL of sysexits.h. Nothing is wrong with it: it was too slow, or the server was. Whoever
    /// supervises it starts it again.
    /// </summary>
    public const int LostExitCode = 75;

    public required string LeaseNamespace { get; set; }

    public required string LeaseName { get; set; }

    /// <summary>Who holds it. The default value is host name, underscore and a UUID: never the same for two processes.</summary>
    public string Identity { get; set; } = $"{Environment.MachineName}_{Guid.NewGuid():D}";

    /// <summary>How long others wait after the last renewal that they saw. The default value is 15 seconds.</summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long after its last renewal a leader gives up. The default value is 10 seconds; less than <see cref="LeaseDuration"/>.</summary>
    public TimeSpan RenewDeadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the leader renews it. The default value is 2 seconds; less than <see cref="RenewDeadline"/> / 1.2.</summary>
    public TimeSpan RetryPeriod { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How often those who wait look at it, and so how long a lease that was given back lies idle (with jitter up to 1.2 times this). The
    /// default value is 1 second.
    /// </summary>
    public TimeSpan CandidatePeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Called when the lease is lost while leading. The default value ends the process with <see cref="LostExitCode"/>, at once.</summary>
    public Action OnLost { get; set; } = static () => ProcessEnd.Now(LostExitCode);

    internal void Validate()
    {
        if (LeaseDuration <= RenewDeadline)
            throw new ArgumentException("LeaseDuration must be longer than RenewDeadline.");
        if (RenewDeadline <= RetryPeriod * LeaderElector.JitterFactor)
            throw new ArgumentException("RenewDeadline must be longer than 1.2 times RetryPeriod.");
        if (RetryPeriod <= TimeSpan.Zero || CandidatePeriod <= TimeSpan.Zero || LeaseDuration < TimeSpan.FromSeconds(1))
            throw new ArgumentException("RetryPeriod and CandidatePeriod must be positive and LeaseDuration at least a second.");
    }
}
