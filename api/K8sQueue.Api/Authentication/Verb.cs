namespace K8sQueue.Api.Authentication;

/// <summary>What a request does, and a key may do.</summary>
internal enum Verb
{
    /// <summary>Look: every GET.</summary>
    Read,

    /// <summary>Add jobs, batches and flows.</summary>
    Enqueue,

    /// <summary>Everything else that changes something: pause, limits, schedules, cancel, redrive, delete.</summary>
    Manage,
}
