using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Tests.Histories;

/// <summary>
/// A random history of one queue, and the model that its answers are held against: what was acknowledged, who holds what, what
/// ended how. Every step may come at any time; the seed repeats it.
/// </summary>
internal sealed partial class QueueHistory(IJobQueue jobs, string queue, int seed, Func<Task> passLease, bool exact)
{
    private readonly JobConcurrency[] _limits = [new("one", 1), new("two", 2)];
    private readonly JobDeduplication _unique = new("unique", UntilDone: true);
    private readonly Random _random = new(seed);
    private readonly Dictionary<JobId, ModelJob> _jobs = [];
    private readonly List<ModelConsumer> _live = [];
    private readonly List<ModelConsumer> _crashed = [];
    private readonly CancellationToken _bound = new CancellationTokenSource(TimeSpan.FromSeconds(100)).Token;
    private int _consumers;
    private long _completed;
    private long _retried;
    private long _released;
    private long _buried;
    private long _redriven;
    private long _stopped;
    private int _mostAtOnce = int.MaxValue;

    public async Task RunAsync(int steps)
    {
        for (var step = 0; step < steps; step++)
            await StepAsync();
        await DrainAsync();
        await CheckTotalsAsync();
    }

    private Task StepAsync() => _random.Next(100) switch
    {
        < 22 => EnqueueAsync(),
        < 48 => FetchAsync(),
        < 65 => CompleteAsync(Any(_live)),
        < 70 => RetryAsync(),
        < 75 => ReleaseAsync(),
        < 79 => BuryAsync(),
        < 82 => RedriveAsync(),
        < 84 => jobs.SetPausedAsync(queue, _random.Next(3) == 0, _bound).AsTask(),
        < 86 => CrashAsync(),
        < 87 => passLease(),
        < 90 => CompleteAsync(Any(_crashed)),
        < 91 => LeaveAsync(),
        < 93 => CancelAsync(),
        < 94 => StopAsync(),
        < 95 => LimitAsync(),
        _ => jobs.MaintainAsync(queue, _bound).AsTask(),
    };

    private async Task EnqueueAsync()
    {
        var requests = Enumerable.Range(0, _random.Next(1, 6)).Select(_ => new JobRequest
        {
            Queue = queue,
            Type = "history",
            Tracked = _random.Next(2) == 0,
            Lane = (Lane)_random.Next(1, 4),
            Delay = _random.Next(4) == 0 ? TimeSpan.FromMilliseconds(_random.Next(30)) : TimeSpan.Zero,
            Concurrency = _random.Next(4) == 0 ? _limits[_random.Next(_limits.Length)] : null,
            Deduplication = _random.Next(6) == 0 ? _unique : null,
        }).ToList();
        var answers = await jobs.EnqueueAsync(requests, _bound);
        for (var i = 0; i < answers.Count; i++)
        {
            var isUnique = requests[i].Deduplication is not null;
            if (answers[i].IsDuplicate)
            {
                _jobs[answers[i].Id].Should().BeEquivalentTo(new { IsUnique = true, State = ModelState.Open });
                continue;
            }

            if (isUnique)
                _jobs.Values.Should().NotContain(j => j.IsUnique && j.State == ModelState.Open && !j.MayBePoison && !j.IsCancelled, "a key has one holder");
            _jobs.Add(answers[i].Id, new ModelJob { IsUnique = isUnique });
        }
    }

    private async Task FetchAsync()
    {
        if (_live.Count < 3)
        {
            var options = new JobConsumerOptions { Queues = [queue], Name = $"h{++_consumers}" };
            _live.Add(new ModelConsumer(await jobs.OpenConsumerAsync(options, _bound)));
        }

        await FetchAsync(Any(_live)!, _random.Next(1, 8));
    }

    private async Task FetchAsync(ModelConsumer consumer, int max)
    {
        var before = _live.Append(consumer).Distinct().Sum(c => c.Held.Count);
        var leases = await consumer.Consumer.FetchAsync(max, _bound);
        leases.Count.Should().BeLessThanOrEqualTo(max);
        if (exact)
            (before + leases.Count).Should().BeLessThanOrEqualTo(Math.Max(before, _mostAtOnce), "no more run at once than the queue allows");
        foreach (var lease in leases)
        {
            _jobs.Should().ContainKey(lease.Job.Id, "only acknowledged jobs start");
            var job = _jobs[lease.Job.Id];
            job.State.Should().Be(ModelState.Open, "what ended does not start again");
            job.IsCancelled.Should().BeFalse("what was cancelled does not start");
            lease.Job.Epoch.Should().BeGreaterThan(job.Epoch, "the epoch grows with every start");
            if (exact)
                _live.SelectMany(c => c.Held).Select(l => l.Job.Id).Should().NotContain(lease.Job.Id, "a job has one owner");
            job.Epoch = lease.Job.Epoch;
            job.MayBePoison = lease.Job.Crashes > 1;
            consumer.Held.Add(lease);
        }

        foreach (var limit in exact ? _limits : [])
        {
            _live.Append(consumer).Distinct().SelectMany(c => c.Held).Count(l => l.Job.Traits?.Concurrency == limit)
                .Should().BeLessThanOrEqualTo(limit.Limit, "no more jobs of a key run at once than it allows");
        }
    }

    private async Task CompleteAsync(ModelConsumer? consumer)
    {
        if (consumer is null)
            return;
        var leases = Some(consumer);
        var outcomes = await consumer.Consumer.CompleteAsync([.. leases.Select(l => new JobCompletion(l))], _bound);
        _completed += Ended(consumer, leases, outcomes, j => j.State = ModelState.Completed);
    }

    private async Task RetryAsync()
    {
        if (Any(_live) is not { } consumer)
            return;
        var leases = Some(consumer);
        var delay = TimeSpan.FromMilliseconds(_random.Next(2) * _random.Next(20));
        var outcomes = await consumer.Consumer.RetryAsync([.. leases.Select(l => new JobRetry(l, delay, "again"))], _bound);
        _retried += PutBack(consumer, leases, outcomes);
    }

    private async Task ReleaseAsync()
    {
        if (Any(_live) is not { } consumer)
            return;
        var leases = Some(consumer);
        _released += PutBack(consumer, leases, await consumer.Consumer.ReleaseAsync(leases, _bound));
    }

    private async Task BuryAsync()
    {
        if (Any(_live) is not { } consumer)
            return;
        var leases = Some(consumer);
        var burials = leases.Select(l => new JobBurial(l, DeadLetterReasons.Unrecoverable, "enough")).ToList();
        _buried += Ended(consumer, leases, await consumer.Consumer.BuryAsync(burials, _bound), j => j.State = ModelState.Dead);
    }

    private async Task RedriveAsync()
    {
        var letters = await jobs.ListDeadLettersAsync(queue, 0, 1000, _bound);
        foreach (var letter in letters.Where(l => l.Reason == DeadLetterReasons.Poison))
            _jobs[letter.Job.Id].State = ModelState.Dead;
        letters.Select(l => l.Job.Id).Should().BeEquivalentTo(_jobs.Where(j => j.Value.State == ModelState.Dead).Select(j => j.Key));
        if (letters.Count == 0)
            return;
        var id = letters[_random.Next(letters.Count)].Job.Id;
        var outcome = await jobs.RedriveAsync(id, _bound);
        if (outcome == RedriveOutcome.Duplicate)
        {
            _jobs.Values.Should().Contain(j => j.IsUnique && j.State == ModelState.Open);
            return;
        }

        outcome.Should().Be(RedriveOutcome.Redriven);
        (_jobs[id].State, _jobs[id].IsCancelled) = (ModelState.Open, false);
        _redriven++;
    }

    private async Task CrashAsync()
    {
        if (Any(_live) is not { } consumer)
            return;
        await consumer.Consumer.DisposeAsync();
        _live.Remove(consumer);
        _crashed.Add(consumer);
    }

    private async Task LeaveAsync()
    {
        if (Any(_live) is not { } consumer)
            return;
        if (await consumer.Consumer.LeaveAsync(_bound))
        {
            consumer.Held.Should().BeEmpty("an owner does not leave");
            _live.Remove(consumer);
            await consumer.Consumer.DisposeAsync();
        }
    }

    /// <summary>Ends the history: what is left runs to its end, and the workers leave.</summary>
    private async Task DrainAsync()
    {
        await jobs.SetPausedAsync(queue, false, _bound);
        await jobs.SetLimitsAsync(queue, QueueLimits.None, _bound);
        _mostAtOnce = int.MaxValue;
        foreach (var consumer in _live.ToList())
        {
            _released += PutBack(consumer, [.. consumer.Held], await consumer.Consumer.ReleaseAsync([.. consumer.Held], _bound));
            (await consumer.Consumer.LeaveAsync(_bound)).Should().BeTrue();
            await consumer.Consumer.DisposeAsync();
        }

        _live.Clear();
        await using var last = await jobs.OpenConsumerAsync(new JobConsumerOptions { Queues = [queue], Name = "last" }, _bound);
        var model = new ModelConsumer(last);
        while (true)
        {
            await jobs.MaintainAsync(queue, _bound);
            await FetchAsync(model, 100);
            var leases = model.Held.ToList();
            var outcomes = await last.CompleteAsync([.. leases.Select(l => new JobCompletion(l))], _bound);
            _completed += Ended(model, leases, outcomes, j => j.State = ModelState.Completed);
            var statistics = await jobs.GetStatisticsAsync(queue, _bound);
            if (statistics.Backlog.Demand + statistics.Delayed + statistics.Parked == 0)
                break;
            if (leases.Count == 0)
                await passLease();
        }

        await jobs.MaintainAsync(queue, _bound);
        foreach (var job in _jobs.Values.Where(j => j is { IsCancelled: true, State: ModelState.Open }))
            job.State = ModelState.Cancelled; // when its turn came, or its worker was lost

        (await last.LeaveAsync(_bound)).Should().BeTrue();
        foreach (var consumer in _crashed)
        {
            var outcomes = await consumer.Consumer.CompleteAsync([.. consumer.Held.Select(l => new JobCompletion(l))], _bound);
            outcomes.Should().AllBeEquivalentTo(LeaseOutcome.Gone, "everything has ended");
        }
    }

    private async Task CheckTotalsAsync()
    {
        var statistics = await jobs.GetStatisticsAsync(queue, _bound);
        var dead = (await jobs.ListDeadLettersAsync(queue, 0, 10_000, _bound)).Select(l => l.Job.Id).ToList();
        var completed = _jobs.Where(j => j.Value.State == ModelState.Completed).Select(j => j.Key).ToList();
        var cancelled = _jobs.Where(j => j.Value.State == ModelState.Cancelled).Select(j => j.Key).ToList();
        dead.Concat(completed).Concat(cancelled).Should().BeEquivalentTo(_jobs.Keys, "no acknowledged job is lost, and none ends twice");
        statistics.Should().BeEquivalentTo(new
        {
            EnqueuedTotal = (long)_jobs.Count,
            CompletedTotal = _completed,
            RetriedTotal = _retried,
            ReleasedTotal = _released,
            RedrivenTotal = _redriven,
            CancelledTotal = (long)cancelled.Count,
            Backlog = default(Backlog),
            Delayed = 0L,
            Parked = 0L,
            DeadLetters = (long)dead.Count,
        });
        statistics.BuriedTotal.Should().BeGreaterThanOrEqualTo(_buried);
        completed.Should().HaveCount((int)_completed, "each job is completed once");
        statistics.StoppedTotal.Should().BeInRange(_stopped, cancelled.Count);
        statistics.StartedTotal.Should().Be(
            _jobs.Count + statistics.RecoveredTotal + _released + _retried + _redriven - (statistics.CancelledTotal - statistics.StoppedTotal),
            "starts = jobs + recovered + handed back + retried + redriven, less those that were cancelled and did not run");
    }

    private int Ended(ModelConsumer consumer, List<JobLease> leases, IReadOnlyList<LeaseOutcome> outcomes, Action<ModelJob> end)
    {
        for (var i = 0; i < leases.Count; i++)
        {
            consumer.Held.Remove(leases[i]);
            var job = _jobs[leases[i].Job.Id];
            if (outcomes[i] == LeaseOutcome.Gone)
            {
                if (exact)
                    _live.Should().NotContain(consumer, "a live owner's outcome counts");
                continue;
            }

            job.State.Should().Be(ModelState.Open, "a job ends once");
            leases[i].Job.Epoch.Should().Be(job.Epoch, "only the last owner's outcome counts");
            end(job);
        }

        return outcomes.Count(o => o == LeaseOutcome.Done);
    }

    private ModelConsumer? Any(List<ModelConsumer> consumers) =>
        consumers.Count == 0 ? null : consumers[_random.Next(consumers.Count)];

    private List<JobLease> Some(ModelConsumer consumer) =>
        [.. consumer.Held.OrderBy(_ => _random.Next()).Take(_random.Next(1, 6))];

    private enum ModelState
    {
        Open,
        Completed,
        Dead,
        Cancelled,
    }

    private sealed class ModelJob
    {
        public long Epoch { get; set; }

        public bool IsUnique { get; init; }

        /// <summary>Whether another loss of its worker makes it a dead letter, of which nobody is told.</summary>
        public bool MayBePoison { get; set; }

        /// <summary>Whether it is to end as cancelled, of which nobody is told either.</summary>
        public bool IsCancelled { get; set; }

        public ModelState State { get; set; }
    }

    private sealed record ModelConsumer(IJobConsumer Consumer)
    {
        public List<JobLease> Held { get; } = [];
    }
}
