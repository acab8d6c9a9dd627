namespace K8sQueue.Operator.Push.Backlogs;

/// <summary>
/// How often a Redis is looked at: four times a second; never for more than a fifth of the time, however many queues there are or however
/// slow it is; and less and less often while it can't be read.
/// </summary>
internal sealed class ReadPace
{
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(250);
    public static readonly TimeSpan LongestAfterFailure = TimeSpan.FromSeconds(5);

    private const int RestToWork = 4;

    private TimeSpan _afterFailure = Shortest;

    /// <param name="took">How long the look took.</param>
    public TimeSpan AfterSuccess(TimeSpan took)
    {
        _afterFailure = Shortest;
        return took * RestToWork > Shortest ? took * RestToWork : Shortest;
    }

    public TimeSpan AfterFailure()
    {
        var now = _afterFailure;
        _afterFailure = now * 2 < LongestAfterFailure ? now * 2 : LongestAfterFailure;
        return now;
    }
}
