namespace K8sQueue.Core.Jobs;

/// <summary>In which order a fetch reads a queue's lanes.</summary>
public static class LaneOrder
{
    /// <summary>Every so many batches one starts at <see cref="Lane.Low"/>, so that a busy queue does not starve it.</summary>
    public const int LowFirstEvery = 8;

    /// <summary>The usual order.</summary>
    public static IReadOnlyList<Lane> Normal { get; } = [Lane.Returned, Lane.High, Lane.Normal, Lane.Low];

    /// <summary>The order of every <see cref="LowFirstEvery"/>th batch.</summary>
    public static IReadOnlyList<Lane> LowFirst { get; } = [Lane.Low, Lane.Returned, Lane.High, Lane.Normal];
}
