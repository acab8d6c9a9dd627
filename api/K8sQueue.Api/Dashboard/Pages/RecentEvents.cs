using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>
/// The last events of a queue, and those of one job. A broker reads events forward from a time only, so this looks back further and further;
/// it never reads more than a queue keeps.
/// </summary>
internal static class RecentEvents
{
    private const int PageSize = 500;
    private const int MaxPages = 24;
    private const int JobPages = 4;

    private static readonly TimeSpan[] Looks =
        [TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(15), TimeSpan.FromHours(4), TimeSpan.FromDays(30)];

    /// <summary>Newest first.</summary>
    public static async Task<IReadOnlyList<JobEvent>> ReadAsync(IJobQueue jobs, string queue, int wanted, CancellationToken cancellationToken)
    {
        var last = (await jobs.ReadEventsAsync(queue, after: null, 1, TimeSpan.Zero, cancellationToken)).Last;
        IReadOnlyList<JobEvent> found = [];
        foreach (var look in last == JobEventId.Start ? [] : Looks)
        {
            var time = DateTimeOffset.FromUnixTimeMilliseconds(last.Time) - look;
            found = await FromAsync(jobs, queue, time, MaxPages, _ => true, wanted, cancellationToken);
            if (found.Count >= wanted)
                break;
        }

        return [.. found.Reverse()];
    }

    /// <summary>What is still kept of a job's events, oldest first: those near its enqueue, its last start and its end.</summary>
    public static async Task<IReadOnlyList<JobEvent>> OfAsync(IJobQueue jobs, JobSnapshot job, CancellationToken cancellationToken)
    {
        var events = new SortedDictionary<JobEventId, JobEvent>();
        foreach (var time in new[] { job.EnqueuedAt, job.StartedAt, job.FinishedAt }.OfType<DateTimeOffset>())
        {
            foreach (var e in await FromAsync(jobs, job.Id.Queue, time, JobPages, e => e.Job == job.Id, PageSize, cancellationToken))
                events[e.Id] = e;
        }

        return [.. events.Values];
    }

    // Oldest first, and the last ones where there are more than wanted.
    private static async Task<IReadOnlyList<JobEvent>> FromAsync(
        IJobQueue jobs, string queue, DateTimeOffset time, int pages, Func<JobEvent, bool> takes, int wanted, CancellationToken cancellationToken)
    {
        var after = new JobEventId(Math.Max(1, time.ToUnixTimeMilliseconds() - 1), 0);
        var found = new Queue<JobEvent>();
        for (var page = 0; page < pages; page++)
        {
            JobEventPage read;
            try
            {
                read = await jobs.ReadEventsAsync(queue, after, PageSize, TimeSpan.Zero, cancellationToken);
            }
            catch (JobEventsTrimmedException) when (page == 0)
            {
                // All that is kept is younger.
                read = await jobs.ReadEventsAsync(queue, JobEventId.Start, PageSize, TimeSpan.Zero, cancellationToken);
            }
            catch (JobEventsTrimmedException)
            {
                break;
            }

            foreach (var e in read.Events.Where(takes))
            {
                found.Enqueue(e);
                if (found.Count > wanted)
                    found.Dequeue();
            }

            if (read.Events.Count < PageSize)
                break;
            after = read.Last;
        }

        return [.. found];
    }
}
