using K8sQueue.Core.Batches;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Tests.Histories;

/// <summary>
/// A random history of batches and flows over two queues: jobs are completed, tried again, handed back, buried, cancelled and redriven, their workers lost.
/// Each callback comes once, never early, and at the end no batch is left waiting. The seed repeats it.
/// </summary>
/// <param name="passLease">Housekeeping until lost workers' jobs are recovered.</param>
/// <param name="disturb">What else happens to the broker, between two steps.</param>
internal sealed class BatchHistory(IJobQueue jobs, string[] queues, int seed, Func<Task> passLease, Func<Random, Task> disturb)
{
    private readonly Random _random = new(seed);
    private readonly Dictionary<JobId, ModelJob> _jobs = [];
    private readonly List<ModelBatch> _batches = [];
    private readonly List<(IJobConsumer Consumer, List<JobLease> Held)> _live = [];
    private readonly CancellationToken _bound = new CancellationTokenSource(TimeSpan.FromSeconds(100)).Token;
    private int _names;

    public async Task RunAsync(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            await StepAsync();
            await disturb(_random);
        }

        await DrainAsync();
        await CheckAsync();
    }

    private Task StepAsync() => _random.Next(100) switch
    {
        < 8 => EnqueueBatchAsync(),
        < 14 => EnqueueFlowAsync(),
        < 42 => FetchAsync(),
        < 62 => EndAsync((c, l) => c.CompleteAsync([.. l.Select(x => new JobCompletion(x))], _bound), ModelState.Succeeded),
        < 67 => EndAsync((c, l) => c.RetryAsync([.. l.Select(x => new JobRetry(x, TimeSpan.FromMilliseconds(_random.Next(2) * 10), "again"))], _bound), null),
        < 71 => EndAsync((c, l) => c.ReleaseAsync(l, _bound), null),
        < 78 => EndAsync((c, l) => c.BuryAsync([.. l.Select(x => new JobBurial(x, DeadLetterReasons.Unrecoverable, "no"))], _bound), ModelState.Failed),
        < 85 => RedriveAsync(),
        < 88 => CancelAsync(),
        < 90 => CrashAsync(),
        < 91 => passLease(),
        _ => jobs.MaintainAsync(queues[_random.Next(queues.Length)], _bound).AsTask(),
    };

    private async Task EnqueueBatchAsync()
    {
        var home = queues[_random.Next(queues.Length)];
        var request = new BatchRequest
        {
            Jobs = [.. Enumerable.Range(0, _random.Next(1, 6)).Select(_ => Request())],
            OnComplete = _random.Next(4) > 0 ? Request(home) : null,
            OnSuccess = _random.Next(4) > 0 ? Request(home) : null,
        };
        var batch = await jobs.EnqueueBatchAsync(request, _bound);
        var model = new ModelBatch(batch.Id, [.. batch.Jobs.Select(id => Add(id, ModelState.Open))]);
        _batches.Add(model);
        if (batch.OnComplete is { } complete)
            model.OnComplete = Add(complete, ModelState.Planned);
        if (batch.OnSuccess is { } success)
            model.OnSuccess = Add(success, ModelState.Planned);
    }

    private async Task EnqueueFlowAsync()
    {
        var flow = Tree(depth: 1);
        Learn(flow, await jobs.EnqueueFlowAsync(flow, _bound));
    }

    private ModelJob Learn(FlowRequest node, EnqueuedFlow enqueued)
    {
        var job = Add(enqueued.Job, enqueued.Batch is null ? ModelState.Open : ModelState.Planned);
        if (enqueued.Batch is not { } id)
            return job;
        var batch = new ModelBatch(id, [.. node.Children.Zip(enqueued.Children, Learn)]);
        _batches.Add(batch);
        if (node.RunAfter == FlowRunAfter.Succeeded)
            batch.OnSuccess = job;
        else
            batch.OnComplete = job;
        return job;
    }

    private FlowRequest Tree(int depth) => new()
    {
        Job = Request(),
        RunAfter = (FlowRunAfter)_random.Next(2),
        Children = depth == 3 ? [] : [.. Enumerable.Range(0, _random.Next(depth == 1 ? 1 : 0, 3)).Select(_ => Tree(depth + 1))],
    };

    private JobRequest Request(string? queue = null) => new()
    {
        Queue = queue ?? queues[_random.Next(queues.Length)],
        Type = "history",
        Tracked = _random.Next(2) == 0,
        Lane = (Lane)_random.Next(1, 4),
        Delay = _random.Next(6) == 0 ? TimeSpan.FromMilliseconds(_random.Next(20)) : TimeSpan.Zero,
        Concurrency = _random.Next(6) == 0 ? new JobConcurrency("two", 2) : null,
    };

    private ModelJob Add(JobId id, ModelState state)
    {
        var job = new ModelJob(id) { State = state };
        _jobs.Add(id, job);
        return job;
    }

    private async Task FetchAsync()
    {
        if (_live.Count < 3)
        {
            var options = new JobConsumerOptions { Queues = queues, Name = $"b{++_names}" };
            _live.Add((await jobs.OpenConsumerAsync(options, _bound), []));
        }

        var (consumer, held) = _live[_random.Next(_live.Count)];
        await FetchAsync(consumer, held, _random.Next(1, 6));
    }

    private async Task FetchAsync(IJobConsumer consumer, List<JobLease> held, int max)
    {
        foreach (var lease in await consumer.FetchAsync(max, _bound))
        {
            var job = _jobs[lease.Job.Id];
            if (job.State == ModelState.Planned)
                await CheckDueAsync(job, lease);
            job.State.Should().BeOneOf([ModelState.Planned, ModelState.Open], "of {0}: what ended does not start again", job.Id);
            lease.Job.Epoch.Should().BeGreaterThan(job.Epoch, "{0} is enqueued once", job.Id);
            (job.State, job.Epoch) = (ModelState.Open, lease.Job.Epoch);
            held.Add(lease);
        }
    }

    // A callback that starts for the first time: all that it waits for has ended.
    private async Task CheckDueAsync(ModelJob job, JobLease lease)
    {
        var batch = _batches.Single(b => b.OnComplete == job || b.OnSuccess == job);
        lease.Job.Traits!.CallbackOf.Should().Be(batch.Id);
        await SeeDeadLettersAsync();
        if (batch.OnSuccess == job)
            batch.Jobs.Should().OnlyContain(j => j.State == ModelState.Succeeded, "success comes after all of them");
        else
            batch.Jobs.Should().OnlyContain(j => HasEnded(j), "a callback comes after the end of all");
    }

    // A job that waits for the success of others has ended when it can't run any more, but for a redrive.
    private bool HasEnded(ModelJob job) => job.State == ModelState.Succeeded || job.EverFailed || job.IsCancelled
        || (_batches.FirstOrDefault(b => b.OnSuccess == job) is { } inner && inner.Jobs.All(HasEnded) && inner.Jobs.Any(j => j.EverFailed || j.IsCancelled || j.State == ModelState.Planned));

    // Jobs whose workers were lost too often are dead letters, of which nobody is told.
    private async Task SeeDeadLettersAsync()
    {
        foreach (var queue in queues)
        {
            foreach (var letter in await jobs.ListDeadLettersAsync(queue, 0, 1000, _bound))
                Fail(_jobs[letter.Job.Id]);
        }
    }

    private static void Fail(ModelJob job) => (job.State, job.EverFailed, job.IsCancelled) = (ModelState.Failed, true, false);

    private async Task EndAsync(Func<IJobConsumer, List<JobLease>, ValueTask<IReadOnlyList<LeaseOutcome>>> end, ModelState? state)
    {
        if (_live.Count == 0)
            return;
        var (consumer, held) = _live[_random.Next(_live.Count)];
        var some = held.OrderBy(_ => _random.Next()).Take(_random.Next(1, 5)).ToList();
        var outcomes = await end(consumer, some);
        for (var i = 0; i < some.Count; i++)
        {
            held.Remove(some[i]);
            var job = _jobs[some[i].Job.Id];
            if (outcomes[i] == LeaseOutcome.Gone)
                continue;
            if (state == ModelState.Failed || (state is null && job.IsCancelled))
                Fail(job);
            else
                job.State = state ?? job.State;
        }
    }

    private async Task RedriveAsync()
    {
        var letters = await jobs.ListDeadLettersAsync(queues[_random.Next(queues.Length)], 0, 1000, _bound);
        if (letters.Count == 0)
            return;
        var job = _jobs[letters[_random.Next(letters.Count)].Job.Id];
        Fail(job);
        (await jobs.RedriveAsync(job.Id, _bound)).Should().Be(RedriveOutcome.Redriven);
        job.State = ModelState.Open;
    }

    private async Task CancelAsync()
    {
        var open = _jobs.Values.Where(j => j.State == ModelState.Open).ToList();
        if (open.Count == 0)
            return;
        var job = open[_random.Next(open.Count)];
        var outcome = await jobs.CancelAsync(job.Id, _bound);
        job.IsCancelled |= outcome == CancelOutcome.Requested;
        if (outcome == CancelOutcome.Cancelled)
            Fail(job);
    }

    private async Task CrashAsync()
    {
        if (_live.Count == 0)
            return;
        var index = _random.Next(_live.Count);
        await _live[index].Consumer.DisposeAsync();
        _live.RemoveAt(index);
    }

    private async Task DrainAsync()
    {
        foreach (var (consumer, held) in _live)
        {
            await consumer.ReleaseAsync([.. held], _bound);
            await consumer.DisposeAsync();
        }

        await using var last = await jobs.OpenConsumerAsync(new JobConsumerOptions { Queues = queues, Name = "last" }, _bound);
        var leases = new List<JobLease>();
        for (var idle = 0; idle < 2;)
        {
            foreach (var queue in queues)
                await jobs.MaintainAsync(queue, _bound);
            await FetchAsync(last, leases, 100);
            var outcomes = await last.CompleteAsync([.. leases.Select(l => new JobCompletion(l))], _bound);
            foreach (var (lease, outcome) in leases.Zip(outcomes))
            {
                outcome.Should().Be(LeaseOutcome.Done);
                _jobs[lease.Job.Id].State = ModelState.Succeeded;
            }

            var statistics = await Task.WhenAll(queues.Select(q => jobs.GetStatisticsAsync(q, _bound).AsTask()));
            idle = leases.Count == 0 && statistics.All(s => s.Backlog.Demand + s.Delayed + s.Parked == 0) ? idle + 1 : 0;
            if (leases.Count == 0 && idle == 0)
                await passLease();
            leases.Clear();
        }
    }

    private async Task CheckAsync()
    {
        await SeeDeadLettersAsync();
        foreach (var job in _jobs.Values.Where(j => j.State == ModelState.Open))
        {
            job.IsCancelled.Should().BeTrue("{0} would have been completed otherwise", job.Id);
            Fail(job);
        }

        foreach (var batch in _batches)
        {
            var status = (await jobs.GetBatchAsync(batch.Id, 0, 100, _bound))!;
            var allSucceeded = batch.Jobs.All(j => j.State == ModelState.Succeeded);
            status.Should().BeEquivalentTo(
                new { Total = batch.Jobs.Count, Open = 0, Succeeded = batch.Jobs.Count(j => j.State == ModelState.Succeeded), IsSealed = true },
                "nothing of {0} is left behind", batch.Id);
            status.EndedAt.Should().NotBeNull();
            if (batch.OnComplete is { } complete)
                complete.State.Should().NotBe(ModelState.Planned, "all of {0} ended", batch.Id);
            if (batch.OnSuccess is { } success)
                (success.State != ModelState.Planned).Should().Be(allSucceeded, "of the success of {0}", batch.Id);
        }
    }

    private enum ModelState
    {
        Planned,
        Open,
        Succeeded,
        Failed,
    }

    private sealed class ModelJob(JobId id)
    {
        public JobId Id => id;

        public ModelState State { get; set; }

        public long Epoch { get; set; }

        /// <summary>Whether it was a dead letter or was cancelled, though it may run again by now.</summary>
        public bool EverFailed { get; set; }

        /// <summary>Whether it was asked for that it be cancelled: nobody tells when it ends so.</summary>
        public bool IsCancelled { get; set; }
    }

    private sealed record ModelBatch(BatchId Id, IReadOnlyList<ModelJob> Jobs)
    {
        public ModelJob? OnComplete { get; set; }

        public ModelJob? OnSuccess { get; set; }
    }
}
