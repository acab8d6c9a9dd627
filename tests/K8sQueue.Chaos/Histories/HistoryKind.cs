namespace K8sQueue.Chaos.Histories;

/// <summary>What a process wrote down.</summary>
internal enum HistoryKind
{
    /// <summary>Its consumer is open.</summary>
    Opened,

    /// <summary>A job was delivered to it: a start.</summary>
    Fetched,

    /// <summary>The handler is about to begin. The detail is the job's key.</summary>
    Began,

    /// <summary>The handler has ended well.</summary>
    Ended,

    /// <summary>The handler threw. The detail is the exception's type.</summary>
    Threw,

    /// <summary>The broker took its word that the job is done.</summary>
    Completed,

    /// <summary>The broker took its word that the attempt failed.</summary>
    Retried,

    /// <summary>The broker took its word that the job is a dead letter.</summary>
    Buried,

    /// <summary>The broker took the job back.</summary>
    Released,

    /// <summary>The broker refused an outcome: the job was not this process's any more. The detail is the outcome's kind.</summary>
    Refused,
}
