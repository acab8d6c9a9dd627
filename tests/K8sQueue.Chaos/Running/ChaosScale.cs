namespace K8sQueue.Chaos.Running;

/// <summary>How much a run does.</summary>
internal sealed record ChaosScale(bool Quick)
{
    /// <summary>The default lease, or half of it in a quick run, unless a scenario has another.</summary>
    public LeaseTimings Timings { get; init; } = new(TimeSpan.FromSeconds(Quick ? 3 : 6));

    /// <summary>The same for scenarios of many processes that promise that nothing is recovered, which tests run, too: in a quick run a lease that outlasts the stalls of a busy machine.</summary>
    public ChaosScale Patient() => Quick ? this with { Timings = new LeaseTimings(TimeSpan.FromSeconds(12)) } : this;

    public TimeSpan Lease => Timings.Lease;

    public T Of<T>(T full, T quick) => Quick ? quick : full;

    public TimeSpan Seconds(double full, double quick) => TimeSpan.FromSeconds(Of(full, quick));
}
