using K8sQueue.Core.Schedules;

namespace K8sQueue.Core.Queues;

/// <summary>What is done with schedules, whatever they are.</summary>
public static class ScheduleExtensions
{
    /// <summary>Makes a schedule, or puts it in the place of whatever has its name. True where it is a new one.</summary>
    /// <inheritdoc cref="IJobQueue.PutScheduleAsync" path="/exception"/>
    public static async ValueTask<bool> PutScheduleAsync(this IJobQueue queue, JobSchedule schedule, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return await queue.PutScheduleAsync(schedule, condition: null, cancellationToken).ConfigureAwait(false) == SchedulePutOutcome.Created;
    }

    /// <summary>Deletes a schedule, not the jobs that it has made; false where there is none of this name.</summary>
    public static async ValueTask<bool> DeleteScheduleAsync(this IJobQueue queue, string name, string scheduleName, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return await queue.DeleteScheduleAsync(name, scheduleName, condition: null, cancellationToken).ConfigureAwait(false) == ScheduleDeleteOutcome.Deleted;
    }
}
