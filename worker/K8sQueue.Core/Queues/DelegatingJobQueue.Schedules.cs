using K8sQueue.Core.Jobs;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Core.Queues;

/// <content>Schedules.</content>
public abstract partial class DelegatingJobQueue
{
    public virtual ValueTask<SchedulePutOutcome> PutScheduleAsync(JobSchedule schedule, ScheduleCondition? condition, CancellationToken cancellationToken) =>
        inner.PutScheduleAsync(schedule, condition, cancellationToken);

    public virtual ValueTask<JobScheduleStatus?> GetScheduleAsync(string queue, string name, CancellationToken cancellationToken) =>
        inner.GetScheduleAsync(queue, name, cancellationToken);

    public virtual ValueTask<IReadOnlyList<JobScheduleStatus>> ListSchedulesAsync(
        string queue, string? after, int count, CancellationToken cancellationToken) =>
        inner.ListSchedulesAsync(queue, after, count, cancellationToken);

    public virtual ValueTask<ScheduleDeleteOutcome> DeleteScheduleAsync(
        string queue, string name, ScheduleCondition? condition, CancellationToken cancellationToken) =>
        inner.DeleteScheduleAsync(queue, name, condition, cancellationToken);

    public virtual ValueTask<bool> SetSchedulePausedAsync(string queue, string name, bool paused, CancellationToken cancellationToken) =>
        inner.SetSchedulePausedAsync(queue, name, paused, cancellationToken);

    public virtual ValueTask<EnqueuedJob?> TriggerScheduleAsync(string queue, string name, CancellationToken cancellationToken) =>
        inner.TriggerScheduleAsync(queue, name, cancellationToken);
}
