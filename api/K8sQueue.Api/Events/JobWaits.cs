using K8sQueue.Api.Problems;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Events;

/// <summary>Waits for the end of jobs, by the feeds of their queues: however many wait, a queue is read once.</summary>
internal sealed class JobWaits(IJobQueue jobs, EventFeeds feeds, TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <summary>The longest wait, in seconds.</summary>
    public const int MaxSeconds = 60;

    /// <summary>A tracked job's record as soon as the job has ended, or as it is when the wait is over or the API stops; null where there is none.</summary>
    /// <param name="id">The job.</param>
    /// <param name="wait">How long to wait.</param>
    /// <param name="who">Who waits; see <see cref="EventFeeds.TryEnter"/>.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <exception cref="ProblemException">As many follow and wait as may.</exception>
    public async Task<JobSnapshot?> GetAsync(JobId id, TimeSpan wait, string? who, CancellationToken cancellationToken)
    {
        var job = await jobs.GetJobAsync(id, cancellationToken);
        if (HasEnded(job) || wait == TimeSpan.Zero)
            return job;
        using var place = feeds.TryEnter(who) ?? throw new ProblemException(new Problem(ProblemTypes.TooManyFollowers) { RetryAfterSeconds = 5 });
        using var limit = new CancellationTokenSource(wait, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token, lifetime.ApplicationStopping);
        try
        {
            return await FollowAsync(id, end.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return await jobs.GetJobAsync(id, cancellationToken);
        }
    }

    private async Task<JobSnapshot?> FollowAsync(JobId id, CancellationToken end)
    {
        var now = await jobs.ReadEventsAsync(id.Queue, after: null, 1, TimeSpan.Zero, end);
        using var following = feeds.Follow(id.Queue, now.Last, out var feed);
        while (true)
        {
            using var ending = feed.Endings.Wait(id);
            var job = await jobs.GetJobAsync(id, end);
            if (HasEnded(job))
                return job;
            await ending.Told.Task.WaitAsync(end);
        }
    }

    private static bool HasEnded(JobSnapshot? job) => job is null or { State: JobState.Completed or JobState.Dead or JobState.Cancelled };
}
