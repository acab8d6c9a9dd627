namespace K8sQueue.Chaos.Running;

/// <summary>The machine's monotonic clock, which all processes of a run share.</summary>
internal static class Clock
{
    /// <summary>Nanoseconds since the machine started.</summary>
    public static long Now => TimeProvider.System.GetTimestamp() * (1_000_000_000 / TimeProvider.System.TimestampFrequency);

    public static long Nanoseconds(TimeSpan span) => span.Ticks * 100;

    public static double Seconds(long nanoseconds) => nanoseconds / 1e9;

    public static Task WaitAsync(TimeSpan span, CancellationToken cancellationToken) => Task.Delay(span, TimeProvider.System, cancellationToken);
}
