namespace K8sQueue.Client.Http;

/// <summary>How often somebody asks who waits for the end of a job. No I/O.</summary>
internal static class WaitPauses
{
    /// <summary>The longest that the API holds an answer back.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private const double FirstMilliseconds = 50;
    private const double LongestMilliseconds = 2_000;

    /// <summary>How long the API is asked to wait, in whole seconds; 0 for not at all.</summary>
    public static int Seconds(TimeSpan left) => (int)Math.Floor(Math.Clamp(left.TotalSeconds, 0, LongestWait.TotalSeconds));

    /// <summary>
    /// The pause behind a look that took <paramref name="took"/>: from 50 ms, half as much again each time, to 2 s; less what the look took, so that there is
    /// none where the API waited.
    /// </summary>
    public static TimeSpan Pause(int turn, TimeSpan took)
    {
        var wanted = TimeSpan.FromMilliseconds(Math.Min(FirstMilliseconds * Math.Pow(1.5, Math.Min(turn, 20)), LongestMilliseconds));
        return took >= wanted ? TimeSpan.Zero : wanted - took;
    }
}
