namespace K8sQueue.Core.Redis.Consumers;

/// <summary>What a look found of a queue.</summary>
/// <param name="Jobs">How many jobs wait.</param>
/// <param name="State">Open, or why it is not waited for.</param>
internal readonly record struct FoundQueue(long Jobs, FetchState State);

/// <summary>
/// Which of a consumer's queues a fetch asks for jobs, and for how many: those that are known to have some take turns, each for as many as it has.
/// No more are asked for than the fetch may take, so that all can be asked at once.
/// </summary>
/// <param name="queues">How many queues there are.</param>
internal sealed class QueueTurns(int queues)
{
    private readonly long[] _waiting = new long[queues]; // when they were looked at, less what was taken since
    private readonly FetchState[] _states = new FetchState[queues];
    private int _next;

    /// <summary>Whether any queue is known to have jobs.</summary>
    public bool HasAny => Array.Exists(_waiting, waiting => waiting > 0);

    /// <summary>The queues that may be waited for, by number.</summary>
    public IEnumerable<int> Open => Enumerable.Range(0, queues).Except(Closed);

    /// <summary>The queues that are paused or have limits: they are looked at now and then.</summary>
    public IEnumerable<int> Closed => Enumerable.Range(0, queues).Where(queue => _states[queue] is FetchState.Paused or FetchState.Limited);

    public bool IsPaused(int queue) => _states[queue] == FetchState.Paused;

    /// <summary>What each queue was found to have.</summary>
    public void Looked(ReadOnlySpan<FoundQueue> found)
    {
        for (var queue = 0; queue < queues; queue++)
            (_waiting[queue], _states[queue]) = (found[queue].Jobs, found[queue].State);
    }

    /// <summary>Nothing is known of the queues: each is to be asked.</summary>
    public void Suspect() => Array.Fill(_waiting, 1);

    /// <summary>Whom to ask for how many, <paramref name="max"/> in all. The next call goes on behind the last of them.</summary>
    public IReadOnlyList<(int Queue, int Wanted)> Next(int max)
    {
        var asked = new List<(int Queue, int Wanted)>();
        var start = _next;
        for (var i = 0; i < queues && max > 0; i++)
        {
            var queue = (start + i) % queues;
            var wanted = (int)Math.Min(_waiting[queue], max);
            if (wanted == 0)
                continue;
            asked.Add((queue, wanted));
            max -= wanted;
            _next = (queue + 1) % queues;
        }

        return asked;
    }

    /// <summary>What a queue gave of as many as it was asked for.</summary>
    public void Gave(int queue, int wanted, int given, FetchState state)
    {
        _waiting[queue] = given < wanted ? 0 : _waiting[queue] - given;
        _states[queue] = state;
    }
}
