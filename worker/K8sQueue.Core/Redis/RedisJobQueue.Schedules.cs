using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Core.Redis;

/// <content>Schedules.</content>
public sealed partial class RedisJobQueue
{
    public async ValueTask<SchedulePutOutcome> PutScheduleAsync(JobSchedule schedule, ScheduleCondition? condition, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        cancellationToken.ThrowIfCancellationRequested();
        return await _schedules.PutAsync(schedule, condition).ConfigureAwait(false);
    }

    public async ValueTask<JobScheduleStatus?> GetScheduleAsync(string queue, string name, CancellationToken cancellationToken) =>
        await _schedules.GetAsync(queue, name).WaitAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<JobScheduleStatus>> ListSchedulesAsync(
        string queue, string? after, int count, CancellationToken cancellationToken) =>
        await _schedules.ListAsync(queue, after, count).WaitAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask<ScheduleDeleteOutcome> DeleteScheduleAsync(
        string queue, string name, ScheduleCondition? condition, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await _schedules.DeleteAsync(queue, name, condition).ConfigureAwait(false);
    }

    public async ValueTask<bool> SetSchedulePausedAsync(string queue, string name, bool paused, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await _schedules.SetPausedAsync(queue, name, paused).ConfigureAwait(false);
    }

    public async ValueTask<EnqueuedJob?> TriggerScheduleAsync(string queue, string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await _schedules.TriggerAsync(queue, name).ConfigureAwait(false);
    }
}
