using System.Net;
using K8sQueue.Client.Http;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Client;

public sealed partial class K8sQueueClient
{
    /// <summary>Makes a schedule, or puts another one in its place; true where it is new. A call that had to be repeated may say false of its own work.</summary>
    public async Task<bool> PutScheduleAsync(JobSchedule schedule, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        var body = ScheduleJson.Write(schedule);
        var path = PathOf(schedule.Job.Queue, schedule.Name);
        using var response = await _calls.SendAsync(() => ApiCalls.Put(path, body), cancellationToken).ConfigureAwait(false);
        return response.StatusCode == HttpStatusCode.Created;
    }

    /// <summary>
    /// Makes a schedule where there is none of its name; false where there is one, which stays as it is. A call that had to be repeated may say false of its own work.
    /// </summary>
    public Task<bool> AddScheduleAsync(JobSchedule schedule, CancellationToken cancellationToken = default) =>
        PutIfAsync(schedule, "If-None-Match", "*", cancellationToken);

    /// <summary>
    /// Puts a schedule in the place of the one that was read; false where that was changed, paused, resumed or deleted since, and nothing is done. A call that
    /// had to be repeated may say false of its own work.
    /// </summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="etag">The <see cref="ScheduleRecord.ETag"/> of the one that was read.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<bool> ReplaceScheduleAsync(JobSchedule schedule, string etag, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(etag);
        return PutIfAsync(schedule, "If-Match", etag, cancellationToken);
    }

    /// <summary>A schedule; null where there is none of this name.</summary>
    public Task<ScheduleRecord?> GetScheduleAsync(string queue, string name, CancellationToken cancellationToken = default) => IfThereAsync(async () =>
    {
        using var response = await _calls.SendAsync(() => ApiCalls.Get(PathOf(queue, name)), cancellationToken).ConfigureAwait(false);
        var record = await ApiCalls.ReadAsync(response, ClientJsonContext.Default.ScheduleRecord, cancellationToken).ConfigureAwait(false);
        return (ScheduleRecord?)(record with { ETag = response.Headers.ETag?.ToString() });
    });

    /// <summary>Deletes a schedule, not the jobs that it has made; false where there was none. A call that had to be repeated may say false of its own work.</summary>
    public Task<bool> DeleteScheduleAsync(string queue, string name, CancellationToken cancellationToken = default) =>
        DoAsync(() => ApiCalls.Delete(PathOf(queue, name)), cancellationToken);

    /// <summary>
    /// Deletes the schedule that was read; false where there is none, or it was changed, paused or resumed since, and nothing is done. A call that had to be
    /// repeated may say false of its own work.
    /// </summary>
    /// <param name="queue">The queue of its jobs.</param>
    /// <param name="name">Its name.</param>
    /// <param name="etag">The <see cref="ScheduleRecord.ETag"/> of the one that was read.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<bool> DeleteScheduleAsync(string queue, string name, string etag, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(etag);
        return UnlessChangedAsync(() => DoAsync(() => With(ApiCalls.Delete(PathOf(queue, name)), "If-Match", etag), cancellationToken));
    }

    /// <summary>Stops a schedule, or lets it go on with its next time; false where there is none.</summary>
    public Task<bool> SetSchedulePausedAsync(string queue, string name, bool paused, CancellationToken cancellationToken = default) =>
        DoAsync(() => ApiCalls.Post($"{PathOf(queue, name)}/{(paused ? "pause" : "resume")}"), cancellationToken);

    /// <summary>
    /// Enqueues a schedule's job now, beside its times; null where there is no such schedule. It is not repeated by itself: that could start the job
    /// twice.
    /// </summary>
    public Task<EnqueuedJob?> TriggerScheduleAsync(string queue, string name, CancellationToken cancellationToken = default) => IfThereAsync(async () =>
    {
        using var response = await _calls.SendOnceAsync(() => ApiCalls.Post($"{PathOf(queue, name)}/trigger"), cancellationToken).ConfigureAwait(false);
        var accepted = await ApiCalls.ReadAsync(response, ClientJsonContext.Default.AcceptedAnswer, cancellationToken).ConfigureAwait(false);
        return (EnqueuedJob?)new EnqueuedJob(accepted.Id, accepted.Duplicate);
    });

    private async Task<bool> PutIfAsync(JobSchedule schedule, string header, string tag, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        var body = ScheduleJson.Write(schedule);
        var path = PathOf(schedule.Job.Queue, schedule.Name);
        return await UnlessChangedAsync(async () =>
        {
            using var response = await _calls.SendAsync(() => With(ApiCalls.Put(path, body), header, tag), cancellationToken).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
    }

    private static async Task<bool> UnlessChangedAsync(Func<Task<bool>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (K8sQueueRefusedException e) when (e.ProblemType == "schedule-changed")
        {
            return false;
        }
    }

    private static HttpRequestMessage With(HttpRequestMessage request, string header, string value)
    {
        request.Headers.TryAddWithoutValidation(header, value);
        return request;
    }

    private Task<bool> DoAsync(Func<HttpRequestMessage> make, CancellationToken cancellationToken) => IfThereAsync(async () =>
    {
        using var response = await _calls.SendAsync(make, cancellationToken).ConfigureAwait(false);
        return true;
    });

    private static async Task<T?> IfThereAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (K8sQueueNotFoundException e) when (e.ProblemType == "schedule-not-found")
        {
            return default;
        }
    }

    private static string PathOf(string queue, string schedule)
    {
        ArgumentException.ThrowIfNullOrEmpty(queue);
        ArgumentException.ThrowIfNullOrEmpty(schedule);
        return $"v1/queues/{Uri.EscapeDataString(queue)}/schedules/{Uri.EscapeDataString(schedule)}";
    }
}
