using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Redis.Consumers;

/// <summary>
/// When a queue that has limits, and is never waited for, is looked at again. Consumers that are held look less and less often, so that many of
/// them do not keep the server busy, and not all at the same time, so that each gets its turn.
/// </summary>
/// <param name="idle">How often it is looked at while nothing waits in it.</param>
/// <param name="longest">The longest time between two looks, but for the time until the rate lets a job start.</param>
internal sealed class LimitedPace(TimeSpan idle, TimeSpan longest)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(20);

    private TimeSpan _held = Shortest;

    /// <summary>Jobs were taken.</summary>
    public void Took() => _held = Shortest;

    /// <summary>None was taken; how long until the next look.</summary>
    /// <param name="hold">What holds jobs that wait.</param>
    /// <param name="comeAgain">When the next may start; zero where that can't be told.</param>
    /// <param name="random">0 to 1.</param>
    public TimeSpan Next(QueueHold hold, TimeSpan comeAgain, double random)
    {
        if (hold == QueueHold.None)
        {
            _held = Shortest;
            return idle;
        }

        var wait = _held * (0.5 + random);
        _held = _held * 2 < longest ? _held * 2 : longest;
        return comeAgain > wait ? comeAgain + (Shortest * random) : wait;
    }
}
