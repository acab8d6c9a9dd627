namespace K8sQueue.Operator.Tests.Histories.Clusters;

internal enum ContainerState
{
    NotStarted,
    Running,
    Ended,
}

/// <summary>A pod as it truly is, whatever the API says of it: once granted, it may hold its connections until its container has truly ended.</summary>
internal sealed class Worker(string uid, string name, IReadOnlyDictionary<string, int> charges, string image)
{
    public string Uid => uid;

    public string Name => name;

    /// <summary>What its template says that it opens. Annotations that were changed later make no difference.</summary>
    public IReadOnlyDictionary<string, int> Charges => charges;

    /// <summary>A bad image never becomes ready.</summary>
    public bool IsBad => image.Contains("bad", StringComparison.Ordinal);

    public string? Node { get; set; }

    /// <summary>Its gate went: it may start at any time.</summary>
    public bool IsGranted { get; set; }

    public ContainerState State { get; set; }

    public bool IsReady { get; set; }

    public bool HasSigterm { get; set; }

    public int Restarts { get; set; }

    /// <summary>Jobs that it runs.</summary>
    public int InFlight { get; set; }

    /// <summary>Until when it fetches no more; null for it does.</summary>
    public DateTimeOffset? QuiescedUntil { get; private set; }

    /// <summary>Whoever resumes it by an older version of its pod comes too late; null for nobody does.</summary>
    private long? HeldAt { get; set; }

    public void Quiesce(DateTimeOffset until, long? heldAt)
    {
        QuiescedUntil = until;
        HeldAt = heldAt is null || HeldAt > heldAt ? HeldAt : heldAt;
    }

    public void Resume(long? seenAt)
    {
        if (!(HeldAt > seenAt))
            (QuiescedUntil, HeldAt) = (null, null);
    }

    /// <summary>How the kubelet ended it; null where it did not.</summary>
    public string? FailureReason { get; set; }

    /// <summary>When the API forgot it.</summary>
    public DateTimeOffset? GoneAt { get; set; }

    /// <summary>Somebody tampered with what the operator knows it by.</summary>
    public bool IsTamperedWith { get; set; }

    /// <summary>Budgets that were made after it.</summary>
    public HashSet<string> NewBudgets { get; } = [];

    /// <summary>
    /// Budgets that were made after it and had not recorded it when it went out of the API, or out of its pool: they can't know of it
    /// (Budgets/README.md says so).
    /// </summary>
    public HashSet<string> ForgottenBy { get; } = [];

    public bool MayRun => IsGranted && State != ContainerState.Ended;
}
