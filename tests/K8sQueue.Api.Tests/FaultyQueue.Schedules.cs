using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Api.Tests;

/// <content>Schedules.</content>
internal sealed partial class FaultyQueue
{
    /// <summary>What a schedule is shown as.</summary>
    public Func<JobScheduleStatus, JobScheduleStatus> ScheduleStatus { get; set; } = status => status;

    /// <summary>What happens once a schedule was read, before it is told.</summary>
    public Func<Task> OnScheduleRead { get; set; } = () => Task.CompletedTask;

    /// <summary>What happens once a schedule was put, before that is told.</summary>
    public Func<Task> OnSchedulePut { get; set; } = () => Task.CompletedTask;

    public async ValueTask<SchedulePutOutcome> PutScheduleAsync(JobSchedule schedule, ScheduleCondition? condition, CancellationToken cancellationToken)
    {
        var outcome = await Inner.PutScheduleAsync(schedule, condition, cancellationToken);
        await OnSchedulePut();
        return outcome;
    }

    public async ValueTask<JobScheduleStatus?> GetScheduleAsync(string queue, string name, CancellationToken cancellationToken)
    {
        var status = await Inner.GetScheduleAsync(queue, name, cancellationToken);
        await OnScheduleRead();
        return status is null ? null : ScheduleStatus(status);
    }

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
