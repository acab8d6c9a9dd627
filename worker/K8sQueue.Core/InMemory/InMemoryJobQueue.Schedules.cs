using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Core.InMemory;

/// <content>Schedules.</content>
public sealed partial class InMemoryJobQueue
{
    public ValueTask<SchedulePutOutcome> PutScheduleAsync(JobSchedule schedule, ScheduleCondition? condition, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        schedule.ThrowIfInvalid();
        lock (Gate)
            return ValueTask.FromResult(Queue(schedule.Job.Queue).Schedules.Put(schedule, condition));
    }

    public ValueTask<JobScheduleStatus?> GetScheduleAsync(string queue, string name, CancellationToken cancellationToken)
    {
        lock (Gate)
            return ValueTask.FromResult(Queue(queue).Schedules.Get(name));
    }

    public ValueTask<IReadOnlyList<JobScheduleStatus>> ListSchedulesAsync(
        string queue, string? after, int count, CancellationToken cancellationToken)
    {
        lock (Gate)
            return ValueTask.FromResult(Queue(queue).Schedules.List(after, count));
    }

    public ValueTask<ScheduleDeleteOutcome> DeleteScheduleAsync(
        string queue, string name, ScheduleCondition? condition, CancellationToken cancellationToken)
    {
        lock (Gate)
            return ValueTask.FromResult(Queue(queue).Schedules.Delete(name, condition));
    }

    public ValueTask<bool> SetSchedulePausedAsync(string queue, string name, bool paused, CancellationToken cancellationToken)
    {
        lock (Gate)
            return ValueTask.FromResult(Queue(queue).Schedules.SetPaused(name, paused));
    }

    public ValueTask<EnqueuedJob?> TriggerScheduleAsync(string queue, string name, CancellationToken cancellationToken)
    {
        EnqueuedJob? job;
        lock (Gate)
        {
            var now = DateTimeOffset.FromUnixTimeMilliseconds(_time.GetUtcNow().ToUnixTimeMilliseconds());
            job = Queue(queue).Schedules.Get(name)?.Schedule is { } schedule ? Queue(queue).Enqueue(schedule.JobAt(now)) : null;
        }

        Signal();
        return ValueTask.FromResult(job);
    }
}
