namespace K8sQueue.Chaos.Histories;

/// <summary>What is known of one job.</summary>
internal sealed class JobHistory(string id)
{
    public string Id { get; } = id;

    public AcknowledgedJob? Acknowledged { get; private set; }

    public string? DeadLetter { get; private set; }

    /// <summary>Its records, the oldest first.</summary>
    public List<HistoryRecord> Records { get; } = [];

    /// <summary>Deliveries to a process.</summary>
    public IEnumerable<HistoryRecord> Fetches => Of(HistoryKind.Fetched);

    /// <summary>Completions that the broker took.</summary>
    public IEnumerable<HistoryRecord> Completions => Of(HistoryKind.Completed);

    /// <summary>Whether its work was done, or it is a dead letter.</summary>
    public bool HasEnded => DeadLetter is not null || Records.Exists(record => record.Kind is HistoryKind.Ended or HistoryKind.Completed);

    public IEnumerable<HistoryRecord> Of(HistoryKind kind) => Records.Where(record => record.Kind == kind);

    /// <summary>The jobs of the evidence, those that were acknowledged and all others that a process saw.</summary>
    public static IReadOnlyCollection<JobHistory> All(ChaosEvidence evidence)
    {
        var jobs = new Dictionary<string, JobHistory>(StringComparer.Ordinal);
        foreach (var acknowledged in evidence.Acknowledged)
            jobs[acknowledged.Id] = new JobHistory(acknowledged.Id) { Acknowledged = acknowledged };
        foreach (var record in evidence.History.Where(record => record.Job.Length > 0).OrderBy(record => record.At))
        {
            if (!jobs.TryGetValue(record.Job, out var job))
                jobs[record.Job] = job = new JobHistory(record.Job);
            job.Records.Add(record);
        }

        foreach (var (id, reason) in evidence.DeadLetters)
        {
            if (jobs.TryGetValue(id, out var job))
                job.DeadLetter = reason;
        }

        return jobs.Values;
    }
}
