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
