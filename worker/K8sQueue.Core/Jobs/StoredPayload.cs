namespace K8sQueue.Core.Jobs;

/// <summary>How a payload is kept that is not simply in its job's entry.</summary>
/// <param name="ApartBytes">Its bytes in a place of its own; null where it is in the entry.</param>
/// <param name="OriginalBytes">Its bytes before it was compressed; null where it was not.</param>
internal sealed record StoredPayload(int? ApartBytes, int? OriginalBytes)
{
    /// <summary>What loading it takes of memory, in bytes.</summary>
    public long LoadedBytes => (ApartBytes ?? 0L) + (OriginalBytes ?? 0L);
}
