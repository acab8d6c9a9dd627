using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Worker.Tests.Support;

/// <content>Schedules.</content>
internal sealed partial class FaultyJobQueue
{
    public ValueTask<SchedulePutOutcome> PutScheduleAsync(JobSchedule schedule, ScheduleCondition? condition, CancellationToken cancellationToken) =>
        Inner.PutScheduleAsync(schedule, condition, cancellationToken);

    public ValueTask<JobScheduleStatus?> GetScheduleAsync(string queue, string name, CancellationToken cancellationToken) =>
        Inner.GetScheduleAsync(queue, name, cancellationToken);

    public ValueTask<IReadOnlyList<JobScheduleStatus>> ListSchedulesAsync(
        string queue, string? after, int count, CancellationToken cancellationToken) =>
        Inner.ListSchedulesAsync(queue, after, count, cancellationToken);

    public ValueTask<ScheduleDeleteOutcome> DeleteScheduleAsync(
        string queue, string name, ScheduleCondition? condition, CancellationToken cancellationToken) =>
        Inner.DeleteScheduleAsync(queue, name, condition, cancellationToken);

    public ValueTask<bool> SetSchedulePausedAsync(string queue, string name, bool paused, CancellationToken cancellationToken) =>
        Inner.SetSchedulePausedAsync(queue, name, paused, cancellationToken);

    public ValueTask<EnqueuedJob?> TriggerScheduleAsync(string queue, string name, CancellationToken cancellationToken) =>
        Inner.TriggerScheduleAsync(queue, name, cancellationToken);
}
