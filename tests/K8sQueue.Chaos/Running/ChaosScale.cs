namespace K8sQueue.Chaos.Running;

/// <summary>How much a run does.</summary>
internal sealed record ChaosScale(bool Quick)
{
    /// <summary>The default lease, or half of it in a quick run.</summary>
    public LeaseTimings Timings => new(TimeSpan.FromSeconds(Of(6, quick: 3)));

    public TimeSpan Lease => Timings.Lease;

    public T Of<T>(T full, T quick) => Quick ? quick : full;

    public TimeSpan Seconds(double full, double quick) => TimeSpan.FromSeconds(Of(full, quick));
}
