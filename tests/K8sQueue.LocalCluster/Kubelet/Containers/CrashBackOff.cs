namespace K8sQueue.LocalCluster.Kubelet.Containers;

/// <summary>
/// The kubelet's restart delays: none before the first restart, then 10 s, doubling up to 5 min; from the beginning again after a run of 10 min.
/// </summary>
/// <param name="scale">Multiplies every time; below 1 for tests.</param>
internal sealed class CrashBackOff(double scale = 1)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Reset = TimeSpan.FromMinutes(10);

    private TimeSpan _next = TimeSpan.Zero;

    /// <summary>The delay before the restart after a run that lasted so long.</summary>
    public TimeSpan Next(TimeSpan ran)
    {
        if (ran >= Reset * scale)
            _next = TimeSpan.Zero;
        var delay = _next;
        _next = delay == TimeSpan.Zero ? First : TimeSpan.FromTicks(Math.Min(Longest.Ticks, delay.Ticks * 2));
        return delay * scale;
    }

    /// <summary>As the kubelet writes a delay: <c>10s</c>, <c>2m40s</c>.</summary>
    public static string Describe(TimeSpan delay) =>
        delay < TimeSpan.FromMinutes(1) ? $"{(int)Math.Ceiling(delay.TotalSeconds)}s" : $"{(int)delay.TotalMinutes}m{delay.Seconds}s";
}
