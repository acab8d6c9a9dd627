namespace K8sQueue.Operator.Caching;

/// <summary>A kind of which a cache keeps the spec as a digest: enough to tell whether it is still as it should be.</summary>
internal interface ISpecDigest
{
    /// <summary>Of the whole spec; null where the object has that itself.</summary>
    UInt128? SpecDigest { get; set; }
}
