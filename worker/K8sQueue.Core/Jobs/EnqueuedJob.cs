namespace K8sQueue.Core.Jobs;

/// <summary>What a broker answers to a job that it was given.</summary>
/// <param name="Id">The job's id; where it is a duplicate, that of the job which holds its key.</param>
/// <param name="IsDuplicate">Whether the job was left out, since another one holds its <see cref="JobDeduplication.Key"/>.</param>
public readonly record struct EnqueuedJob(JobId Id, bool IsDuplicate = false)
{
    public static implicit operator JobId(EnqueuedJob job) => job.Id;

    /// <inheritdoc cref="Id"/>
    public JobId ToJobId() => Id;
}

/// <summary>What is read of several of them.</summary>
public static class EnqueuedJobExtensions
{
    /// <summary>Their ids, in the same order.</summary>
    public static IReadOnlyList<JobId> Ids(this IReadOnlyList<EnqueuedJob> jobs)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        var ids = new JobId[jobs.Count];
        for (var i = 0; i < ids.Length; i++)
            ids[i] = jobs[i].Id;
        return ids;
    }
}
