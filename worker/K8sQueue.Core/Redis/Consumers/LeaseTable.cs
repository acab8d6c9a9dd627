using K8sQueue.Core.Jobs;
using K8sQueue.Core.Redis.Producers;

namespace K8sQueue.Core.Redis.Consumers;

/// <summary>
/// The leases that one consumer holds, and when the broker confirmed each last. A lease leaves the table by an outcome, or
/// when the broker says that it is not owned any more.
/// </summary>
internal sealed class LeaseTable(int queues, TimeSpan lease, TimeProvider time, ServerClock clock)
{
    private const int Lanes = 4;
    private const int DoubtedLeases = 2;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Held>[] _held =
        [.. Enumerable.Range(0, queues * Lanes).Select(_ => new Dictionary<string, Held>(StringComparer.Ordinal))];

    private readonly int[] _unanswered = new int[queues];
    private readonly bool[] _doubted = new bool[queues];
    private readonly long?[] _heardAt = new long?[queues]; // of a doubted queue: when it first heard from the consumer again

    public bool IsEmpty
    {
        get
        {
            lock (_gate)
                return _held.All(h => h.Count == 0);
        }
    }

    /// <summary>Adds a lease that the broker gave at <paramref name="at"/> or later.</summary>
    public JobLease Add(int queue, JobEnvelope job, Lane lane, string id, long at)
    {
        var held = new Held(job.Id) { ConfirmedAt = at };
        lock (_gate)
            _held[Index(queue, lane)][id] = held;
        return new JobLease(job, id, lane, held.Token, held.Cancelled.Token) { AvailableAt = EntryParser.TimeOf(id), BrokerAhead = clock.Ahead };
    }

    /// <summary>Marks a lease as being ended; false where it is not held, so that there is nothing to end.</summary>
    public bool BeginEnd(int queue, Lane lane, string id)
    {
        lock (_gate)
        {
            if (!_held[Index(queue, lane)].TryGetValue(id, out var held) || held.Ending)
                return false;
            return held.Ending = true;
        }
    }

    /// <summary>The outcome is known: the lease is gone from here.</summary>
    public void Ended(int queue, Lane lane, string id)
    {
        lock (_gate)
            _held[Index(queue, lane)].Remove(id);
    }

    /// <summary>Whether the outcome took effect is not known: the lease is still to be renewed, and the call may be repeated.</summary>
    public void NotEnded(int queue, Lane lane, string id)
    {
        lock (_gate)
        {
            if (_held[Index(queue, lane)].TryGetValue(id, out var held))
                held.Ending = false;
        }
    }

    /// <summary>A fetch was sent: until its answer is here, the consumer may own entries that it does not know of.</summary>
    public void Asked(int queue)
    {
        lock (_gate)
            _unanswered[queue]++;
    }

    /// <summary>A fetch was answered, or no answer will come.</summary>
    public void Answered(int queue, bool isKnown)
    {
        lock (_gate)
            _unanswered[queue]--;
        if (!isKnown)
            Doubt(queue);
    }

    /// <summary>An answer is lost. The broker knows by signs of life that name no such entry that nobody was lost with its job.</summary>
    public void Doubt(int queue)
    {
        lock (_gate)
            (_doubted[queue], _heardAt[queue]) = (true, null);
    }

    /// <summary>Whether the consumer owns entries of a queue, or may: its heartbeat is to be heard there in time.</summary>
    public bool MayOwn(int queue)
    {
        lock (_gate)
            return _doubted[queue] || _unanswered[queue] > 0 || Of(queue).Any(h => h.Count > 0);
    }

    /// <summary>The ids that a queue's heartbeat is to renew, lane by lane.</summary>
    public string[][] Snapshot(int queue)
    {
        lock (_gate)
            return [.. Of(queue).Select(h => h.Keys.ToArray())];
    }

    /// <summary>The ids of a snapshot's jobs without their queue, in its order; empty for one whose lease has ended meanwhile.</summary>
    public string[] JobsOf(int queue, string[][] snapshot)
    {
        lock (_gate)
            return [.. Of(queue).SelectMany((held, lane) => snapshot[lane].Select(id => held.GetValueOrDefault(id)?.Job.Ulid ?? ""))];
    }

    /// <summary>
    /// Takes a heartbeat's answer, one character an id of the snapshot: tells the jobs that are cancelled, and returns how many leases are lost.
    /// </summary>
    public int Confirm(int queue, string[][] snapshot, string answer, long at)
    {
        List<Held> lost = [];
        List<Held> cancelled = [];
        lock (_gate)
        {
            _heardAt[queue] ??= at;
            _doubted[queue] &= time.GetElapsedTime(_heardAt[queue]!.Value, at) < DoubtedLeases * lease;
            var position = 0;
            for (var lane = 0; lane < Lanes; lane++)
            {
                var table = _held[(queue * Lanes) + lane];
                foreach (var id in snapshot[lane])
                {
                    var state = answer[position++];
                    if (!table.TryGetValue(id, out var held))
                        continue;
                    if (state != '0')
                        held.ConfirmedAt = at;
                    else if (!held.Ending && table.Remove(id))
                        lost.Add(held);
                    if (state == '2')
                        cancelled.Add(held);
                }
            }
        }

        // What hangs on it runs elsewhere, since this is the heartbeat's thread.
        foreach (var held in cancelled)
            _ = held.Cancelled.CancelAsync();
        return lost.Count(h => h.Lose());
    }

    /// <summary>
    /// Signals a queue's leases that were not confirmed for one lease, and returns how many. They stay in the table: if the broker was
    /// only silent, nobody took them.
    /// </summary>
    public int LoseOverdue(int queue)
    {
        List<Held> overdue;
        lock (_gate)
            overdue = [.. Of(queue).SelectMany(h => h.Values).Where(h => !h.IsLost && time.GetElapsedTime(h.ConfirmedAt) >= lease)];
        return overdue.Count(h => h.Lose());
    }

    /// <summary>Signals every lease: nobody renews them any more.</summary>
    public void LoseAll()
    {
        List<Held> all;
        lock (_gate)
            all = [.. _held.SelectMany(h => h.Values)];
        foreach (var held in all)
            held.Lose();
    }

    /// <summary>How long until the first lease is overdue; null where none can become so.</summary>
    public TimeSpan? UntilOverdue()
    {
        lock (_gate)
        {
            var confirmed = _held.SelectMany(h => h.Values).Where(h => !h.IsLost).Select(h => (long?)h.ConfirmedAt).Min();
            return confirmed is { } at ? lease - time.GetElapsedTime(at) : null;
        }
    }

    private ArraySegment<Dictionary<string, Held>> Of(int queue) => new(_held, queue * Lanes, Lanes);

    private static int Index(int queue, Lane lane) => (queue * Lanes) + (int)lane;

    // The source of the token too: there is one for each job.
    private sealed class Held(JobId job) : CancellationTokenSource
    {
        private int _lost;

        public JobId Job { get; } = job;

        public CancellationTokenSource Cancelled { get; } = new();

        public long ConfirmedAt { get; set; }

        public bool Ending { get; set; }

        public bool IsLost => _lost != 0;

        public bool Lose()
        {
            if (Interlocked.Exchange(ref _lost, 1) != 0)
                return false;

            // The token reads as cancelled at once; what hangs on it runs elsewhere, since this is the heartbeat's thread.
            _ = CancelAsync();
            return true;
        }
    }
}
