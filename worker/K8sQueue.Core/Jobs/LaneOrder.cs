namespace K8sQueue.Core.Jobs;

/// <summary>
/// In which order a fetch reads a queue's lanes. Each takes all that is still wanted, so that of some batches another lane is the first: a busy one
/// does not starve those behind it.
/// </summary>
public static class LaneOrder
{
    /// <summary>Of so many batches of a queue the last starts at <see cref="Lane.Low"/>, and the one in the middle at <see cref="Lane.Normal"/>.</summary>
    public const int Round = 8;

    private static readonly Lane[][] Orders = [.. Enum.GetValues<Lane>().Select(first => (Lane[])[first, .. Enum.GetValues<Lane>().Where(lane => lane != first)])];

    /// <summary>The usual order.</summary>
    public static IReadOnlyList<Lane> Usual => Orders[0];

    /// <summary>The lane at which a batch starts, of the batches that a consumer fetches from one queue, counted from 1.</summary>
    public static Lane FirstOf(int batch) => Math.Abs(batch % Round) switch
    {
        0 => Lane.Low,
        Round / 2 => Lane.Normal,
        _ => Lane.Returned,
    };

    /// <summary>The usual order behind the lane at which it starts.</summary>
    public static IReadOnlyList<Lane> From(Lane first) => Orders[(int)first];
}
