using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Events;

/// <summary>Who waits for the ends of a queue's jobs. They are told to look: an event may be an old one, and one may have been missed.</summary>
internal sealed class JobEndings
{
    private readonly Lock _lock = new();
    private readonly Dictionary<JobId, List<Waiter>> _waiters = [];

    /// <summary>Waits for a job; to be called before its record is read. Dispose what it returns to stop.</summary>
    public Waiter Wait(JobId job)
    {
        var waiter = new Waiter(this, job);
        lock (_lock)
        {
            if (!_waiters.TryGetValue(job, out var all))
                _waiters[job] = all = [];
            all.Add(waiter);
        }

        return waiter;
    }

    /// <summary>Tells those whose jobs have ended.</summary>
    public void Tell(IReadOnlyList<JobEvent> events)
    {
        lock (_lock)
        {
            if (_waiters.Count == 0)
                return;
            foreach (var e in events)
            {
                if (e.Kind is JobEventKind.Completed or JobEventKind.Buried or JobEventKind.Cancelled && _waiters.Remove(e.Job, out var all))
                    all.ForEach(waiter => waiter.Told.TrySetResult());
            }
        }
    }

    /// <summary>Tells everybody: events were missed.</summary>
    public void TellAll()
    {
        lock (_lock)
        {
            foreach (var all in _waiters.Values)
                all.ForEach(waiter => waiter.Told.TrySetResult());
            _waiters.Clear();
        }
    }

    private void Leave(Waiter waiter)
    {
        lock (_lock)
        {
            if (_waiters.TryGetValue(waiter.Job, out var all) && all.Remove(waiter) && all.Count == 0)
                _waiters.Remove(waiter.Job);
        }
    }

    /// <summary>Somebody who waits for one job.</summary>
    internal sealed class Waiter(JobEndings endings, JobId job) : IDisposable
    {
        public JobId Job => job;

        /// <summary>Completes when the job may have ended.</summary>
        public TaskCompletionSource Told { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Dispose() => endings.Leave(this);
    }
}
