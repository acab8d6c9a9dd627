using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.InMemory;

/// <summary>The last events of a queue's tracked jobs.</summary>
internal sealed class InMemoryEvents(InMemoryQueueOptions options, TimeProvider time)
{
    private readonly Queue<JobEvent> _events = new();
    private JobEventId _last;
    private JobEventId _trimmed;

    public void Add(JobEnvelope job, JobEventKind kind, Func<JobEvent, JobEvent>? with = null)
    {
        if (!job.Id.IsTracked || options.EventsLimit == 0)
            return;
        _last = JobEventId.Next(_last, time.GetUtcNow());
        var added = new JobEvent { Id = _last, Job = job.Id, Kind = kind };
        _events.Enqueue(with is null ? added : with(added));
        if (_events.Count > options.EventsLimit)
            _trimmed = _events.Dequeue().Id;
    }

    /// <exception cref="JobEventsTrimmedException">Events behind that one are not kept any more.</exception>
    public JobEventPage Read(JobEventId? after, int max)
    {
        if (after is not { } seen)
            return new JobEventPage([], _last);
        if (seen != JobEventId.Start && (seen < _trimmed || seen > _last))
            throw new JobEventsTrimmedException();
        var events = _events.Where(e => e.Id > seen).Take(max).ToList();
        return new JobEventPage(events, events.Count > 0 ? events[^1].Id : seen);
    }
}
