using System.Globalization;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.InMemory;

/// <summary>One queue's state and transitions. Every call is made under <see cref="InMemoryJobQueue.Gate"/>.</summary>
internal sealed partial class InMemoryQueue(string name, InMemoryQueueOptions options, TimeProvider time, InMemoryBatches batches)
{
    private readonly Queue<InMemoryEntry>[] _waiting = [new(), new(), new(), new()];
    private readonly Dictionary<string, InMemoryEntry> _owned = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(DateTimeOffset Due, long Sequence), JobEnvelope> _delayed = [];
    private readonly List<(long Number, DeadLetter Letter)> _dead = [];
    private readonly HashSet<InMemoryJobConsumer> _consumers = [];
    private readonly InMemoryRecords _records = new(options, time);
    private readonly InMemoryKeys _keys = new(time);
    private readonly InMemoryEvents _events = new(options, time);
    private readonly InMemoryLimits _limits = new(time);
    private long _sequence;
    private QueueStatistics _totals = new() { Queue = name, Backlog = default };

    public string Name => name;

    public bool Paused { get; set; }

    public InMemoryLimits Limits => _limits;

    public long EnqueuedTotal => _totals.EnqueuedTotal;

    public bool EverUsed => EnqueuedTotal > 0 || Schedules.Any;

    /// <summary>Whether it has neither jobs, dead letters, schedules nor consumers.</summary>
    public bool HasNothing => _owned.Count + _delayed.Count + _dead.Count + _consumers.Count + _keys.Parked == 0
        && !Schedules.Any && Array.TrueForAll(_waiting, lane => lane.Count == 0);

    public InMemorySchedules Schedules { get; } = new(name, time);

    public EnqueuedJob Enqueue(JobRequest request) => Enqueue(request, JobId.Create(name, request.Tracked, time.GetUtcNow(), request.Fingerprint));

    public EnqueuedJob Enqueue(JobRequest request, JobId id)
    {
        if (_keys.Claim(id, request.Traits) is { } holder)
            return new EnqueuedJob(holder, IsDuplicate: true);
        var job = new JobEnvelope
        {
            Id = id,
            Type = request.Type,
            Payload = request.Payload.ToArray(),
            Retry = request.Retry,
            Lane = request.Lane,
            EnqueuedAt = time.GetUtcNow(),
            Timeout = request.Timeout,
            TraceParent = request.TraceParent,
            Traits = request.Traits,
        };
        _totals = _totals with { EnqueuedTotal = _totals.EnqueuedTotal + 1 };
        _events.Add(job, JobEventKind.Added, e => e with { Type = job.Type });
        _records.Add(job, request.Delay > TimeSpan.Zero ? JobState.Delayed : JobState.Waiting);
        Put(job, job.Lane, request.Delay);
        return new EnqueuedJob(id);
    }

    public JobEventPage ReadEvents(JobEventId? after, int max) => _events.Read(after, max);

    public JobSnapshot? GetRecord(JobId id) => _records.Get(id);

    public void Join(InMemoryJobConsumer consumer) => _consumers.Add(consumer);

    public IReadOnlyList<QueueConsumer> Consumers(int max) =>
    [
        .. _consumers.Select(c => new QueueConsumer(c.Name, _owned.Values.Count(e => e.Owner == c), c.SilentFor))
            .OrderBy(c => c.LastSeen).Take(max),
    ];

    public List<JobLease> Take(InMemoryJobConsumer consumer, int max, Lane first)
    {
        var leases = new List<JobLease>();
        if (Paused)
            return leases;
        max = _limits.Allow(max, _owned.Count, Array.Exists(_waiting, lane => lane.Count > 0));
        foreach (var lane in LaneOrder.From(first))
        {
            while (leases.Count < max && _waiting[(int)lane].TryDequeue(out var entry))
            {
                entry.Owner = consumer;
                _owned.Add(entry.Id, entry);
                _records.Started(entry.Job, consumer.Name);
                _events.Add(entry.Job, JobEventKind.Started, e => e with { Attempt = entry.Job.Attempt, Consumer = consumer.Name });
                leases.Add(new JobLease(entry.Job, entry.Id, entry.Lane, entry.Lost.Token, entry.Cancelled.Token) { AvailableAt = entry.PutAt });
            }
        }

        _limits.Took(leases.Count);
        _totals = _totals with { StartedTotal = _totals.StartedTotal + leases.Count };
        return leases;
    }

    public LeaseOutcome Complete(InMemoryJobConsumer consumer, JobCompletion completion)
    {
        if (End(consumer, completion.Lease, out _) is not { } job)
            return LeaseOutcome.Gone;
        _totals = _totals with { CompletedTotal = _totals.CompletedTotal + 1 };
        _records.Completed(job, completion.Result);
        _events.Add(job, JobEventKind.Completed);
        Finish(job, succeeded: true);
        return LeaseOutcome.Done;
    }

    public LeaseOutcome Retry(InMemoryJobConsumer consumer, JobRetry retry)
    {
        if (End(consumer, retry.Lease, out var cancelled) is not { } job)
            return LeaseOutcome.Gone;
        if (cancelled)
            return Stopped(job);
        _events.Add(job, JobEventKind.Failed, e => e with { Attempt = job.Attempt, Delay = retry.Delay, Error = Short(retry.Error) });
        job = job with { Attempt = job.Attempt + 1, Epoch = job.Epoch + 1 };
        _totals = _totals with { RetriedTotal = _totals.RetriedTotal + 1 };
        _records.Waits(job, retry.Delay > TimeSpan.Zero ? JobState.Delayed : JobState.Waiting, retry.Error);
        Put(job, job.Lane, retry.Delay);
        return LeaseOutcome.Done;
    }

    public LeaseOutcome Release(InMemoryJobConsumer consumer, JobLease lease)
    {
        if (End(consumer, lease, out var cancelled) is not { } job)
            return LeaseOutcome.Gone;
        if (cancelled)
            return Stopped(job);
        job = job with { Epoch = job.Epoch + 1 };
        _totals = _totals with { ReleasedTotal = _totals.ReleasedTotal + 1 };
        _events.Add(job, JobEventKind.Released);
        _records.Waits(job, JobState.Waiting, error: null);
        Put(job, Lane.Returned, TimeSpan.Zero);
        return LeaseOutcome.Done;
    }

    public LeaseOutcome Bury(InMemoryJobConsumer consumer, JobBurial burial)
    {
        if (End(consumer, burial.Lease, out _) is not { } job)
            return LeaseOutcome.Gone;
        Bury(job, burial.Reason, burial.Error);
        return LeaseOutcome.Done;
    }

    public void Report(InMemoryJobConsumer consumer, JobProgressReport report)
    {
        if (_owned.GetValueOrDefault(report.Lease.EntryId) is not { } entry || entry.Owner != consumer)
            return;
        _records.Progressed(entry.Job, report.Share, report.Note);
        _events.Add(entry.Job, JobEventKind.Progress, e => e with { Share = report.Share, Note = report.Note });
    }

    public LeaseOutcome Stop(InMemoryJobConsumer consumer, JobLease lease) =>
        End(consumer, lease, out _) is { } job ? Stopped(job) : LeaseOutcome.Gone;

    public CancelOutcome Cancel(JobId id)
    {
        if (_owned.Values.FirstOrDefault(e => e.Job.Id == id) is { } running)
        {
            running.Cancel();
            return CancelOutcome.Requested;
        }

        if (TakeWaiting(id) is { } job)
        {
            Cancelled(job);
            return CancelOutcome.Cancelled;
        }

        return _records.Get(id) is { State: JobState.Cancelled } ? CancelOutcome.Cancelled : CancelOutcome.NotFound;
    }

    public RedriveOutcome Redrive(JobId id, ReadOnlyMemory<byte>? payload)
    {
        var index = _dead.FindIndex(d => d.Letter.Job.Id == id);
        if (index < 0)
            return RedriveOutcome.NotFound;
        var job = _dead[index].Letter.Job;
        if (IsTaken(job))
            return RedriveOutcome.Duplicate;
        _dead.RemoveAt(index);
        RunAnew(job with { Payload = payload?.ToArray() ?? job.Payload });
        return RedriveOutcome.Redriven;
    }

    public RerunOutcome Rerun(JobId id)
    {
        if (_records.Get(id) is not { } record)
            return RerunOutcome.NotFound;
        if (record.State is not (JobState.Completed or JobState.Dead or JobState.Cancelled))
            return RerunOutcome.NotEnded;
        if (_records.Cancelled(id) is not { } job)
            return RerunOutcome.NotKept;
        if (IsTaken(job))
            return RerunOutcome.Duplicate;
        RunAnew(job);
        return RerunOutcome.Enqueued;
    }

    public DeleteOutcome DeleteJob(JobId id)
    {
        var dead = DeleteDead(id);
        var record = _records.Get(id);
        if (!dead && record?.State is not (JobState.Completed or JobState.Dead or JobState.Cancelled))
            return record is null ? DeleteOutcome.NotFound : DeleteOutcome.NotEnded;
        _records.Delete(id);
        return DeleteOutcome.Deleted;
    }

    public bool DeleteDead(JobId id) => _dead.RemoveAll(d => d.Letter.Job.Id == id) > 0;

    public IReadOnlyList<DeadLetter> ListDead(int offset, int count) =>
        [.. Enumerable.Reverse(_dead).Skip(offset).Take(count).Select(d => d.Letter)];

    public DeadLetter? FindDead(JobId id) => _dead.Find(d => d.Letter.Job.Id == id).Letter;

    public bool Leave(InMemoryJobConsumer consumer) =>
        _owned.Values.All(e => e.Owner != consumer) && _consumers.Remove(consumer);

    /// <summary>Tells the jobs of a consumer that nobody renews their leases any more.</summary>
    public void LoseAll(InMemoryJobConsumer consumer)
    {
        foreach (var entry in _owned.Values.Where(e => e.Owner == consumer))
            entry.Lose();
    }

    public MaintenanceReport Maintain()
    {
        var now = time.GetUtcNow();
        var promoted = 0;
        while (_delayed.Count > 0 && _delayed.First() is var first && first.Key.Due <= now)
        {
            _delayed.Remove(first.Key);
            _records.Waits(first.Value, JobState.Waiting, error: null);
            Put(first.Value, first.Value.Lane, TimeSpan.Zero);
            promoted++;
        }

        int recovered = 0, buried = 0;
        foreach (var entry in _owned.Values.Where(e => e.Owner!.IsLost(now)).ToList())
        {
            _owned.Remove(entry.Id);
            entry.Lose();
            if (entry.Cancelled.IsCancellationRequested)
            {
                Stopped(entry.Job);
                continue;
            }

            var job = entry.Job with { Crashes = entry.Job.Crashes + 1, Epoch = entry.Job.Epoch + 1 };
            if (job.Crashes >= options.MaxCrashes)
            {
                Bury(job, DeadLetterReasons.Poison, $"Its worker was lost {job.Crashes} times, last {entry.Owner!.Name}.");
                buried++;
                continue;
            }

            _totals = _totals with { RecoveredTotal = _totals.RecoveredTotal + 1 };
            _events.Add(job, JobEventKind.Recovered, e => e with { Crashes = job.Crashes });
            _records.Waits(job, JobState.Waiting, error: null);
            Put(job, Lane.Returned, TimeSpan.Zero);
            recovered++;
        }

        var removed = _consumers.RemoveWhere(c => c.IsLost(now) && _owned.Values.All(e => e.Owner != c));
        return new MaintenanceReport(promoted, recovered, buried, removed, Schedules.Fire(Enqueue));
    }

    public QueueStatistics Statistics()
    {
        var standing = _waiting.SelectMany(w => w).Concat(_owned.Values).Select(e => e.Since).ToList();
        return _totals with
        {
            Backlog = new Backlog(_waiting.Sum(w => w.Count), _owned.Count, Paused),
            Delayed = _delayed.Count,
            Parked = _keys.Parked,
            DeadLetters = _dead.Count,
            Consumers = _consumers.Count,
            OldestAge = standing.Count == 0 ? null : time.GetUtcNow() - standing.Min(),
        };
    }

    private static string Short(string error) => error.Length <= JobEvent.MaxErrorBytes ? error : error[..JobEvent.MaxErrorBytes];

    private void Put(JobEnvelope job, Lane lane, TimeSpan delay)
    {
        var (sequence, now) = (++_sequence, time.GetUtcNow());
        if (delay > TimeSpan.Zero)
        {
            _delayed.Add((now + delay, sequence), job);
            Vacate(job);
            return;
        }

        if (_keys.Admit(job))
            Wait(job, lane, now, sequence);
        else
            _records.Waits(job, JobState.Parked, error: null);
    }

    private void Wait(JobEnvelope job, Lane lane, DateTimeOffset now, long sequence) => _waiting[(int)lane].Enqueue(new InMemoryEntry
    {
        Id = sequence.ToString(CultureInfo.InvariantCulture),
        Job = job,
        Lane = lane,
        PutAt = now,
        Since = lane == Lane.Returned ? job.EnqueuedAt : now,
    });

    private void Vacate(JobEnvelope job)
    {
        foreach (var admitted in _keys.Vacate(job))
        {
            _records.Waits(admitted, JobState.Waiting, error: null);
            Wait(admitted, admitted.Lane, time.GetUtcNow(), ++_sequence);
        }
    }

    // What a job held that will not run again is free, and its batch hears of it.
    private void Finish(JobEnvelope job, bool succeeded = false)
    {
        _keys.Disclaim(job);
        Vacate(job);
        batches.End(job, succeeded);
    }

    private JobEnvelope? End(InMemoryJobConsumer consumer, JobLease lease, out bool cancelled)
    {
        cancelled = false;
        if (!_owned.TryGetValue(lease.EntryId, out var entry) || entry.Owner != consumer)
            return null;
        _owned.Remove(lease.EntryId);
        cancelled = entry.Cancelled.IsCancellationRequested;
        return entry.Job;
    }

    /// <summary>The payload of a job that waits, runs, or was cancelled; null where there is none.</summary>
    public ReadOnlyMemory<byte>? FindPayload(JobId id) =>
        (_waiting.SelectMany(lane => lane).Concat(_owned.Values).Select(entry => entry.Job).Concat(_delayed.Values).Concat(_keys.ParkedJobs)
            .FirstOrDefault(job => job.Id == id) ?? _records.Cancelled(id))?.Payload;

    private JobEnvelope? TakeWaiting(JobId id)
    {
        for (var lane = 0; lane < _waiting.Length; lane++)
        {
            if (_waiting[lane].FirstOrDefault(e => e.Job.Id == id) is not { } entry)
                continue;
            _waiting[lane] = new Queue<InMemoryEntry>(_waiting[lane].Where(e => e != entry));
            return entry.Job;
        }

        var (due, job) = _delayed.FirstOrDefault(d => d.Value.Id == id);
        if (job is null)
            return _keys.Unpark(id);
        _delayed.Remove(due);
        return job;
    }

    /// <summary>Whether another job has the key that it would hold until it is done; takes that otherwise.</summary>
    private bool IsTaken(JobEnvelope job) =>
        job.Traits is { Deduplication.UntilDone: true } && _keys.Claim(job.Id, job.Traits) is { } holder && holder != job.Id;

    private void RunAnew(JobEnvelope job)
    {
        job = job with { Attempt = 1, Crashes = 0, Epoch = job.Epoch + 1 };
        _totals = _totals with { RedrivenTotal = _totals.RedrivenTotal + 1 };
        _events.Add(job, JobEventKind.Redriven);
        _records.Add(job, JobState.Waiting);
        Put(job, job.Lane, TimeSpan.Zero);
    }

    private LeaseOutcome Stopped(JobEnvelope job)
    {
        _totals = _totals with { StoppedTotal = _totals.StoppedTotal + 1 };
        Cancelled(job);
        return LeaseOutcome.Done;
    }

    private void Cancelled(JobEnvelope job)
    {
        _totals = _totals with { CancelledTotal = _totals.CancelledTotal + 1 };
        _records.Cancelled(job);
        _events.Add(job, JobEventKind.Cancelled);
        Finish(job);
    }

    private void Bury(JobEnvelope job, string reason, string error)
    {
        _totals = _totals with { BuriedTotal = _totals.BuriedTotal + 1 };
        _dead.Add((_totals.BuriedTotal, new DeadLetter(job, reason, error, time.GetUtcNow())));
        _records.Died(job, error);
        _events.Add(job, JobEventKind.Buried, e => e with { Reason = reason, Error = Short(error) });
        Finish(job);
    }
}
