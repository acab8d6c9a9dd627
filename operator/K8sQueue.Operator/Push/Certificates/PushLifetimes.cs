namespace K8sQueue.Operator.Push.Certificates;

/// <summary>How long certificates live. Whatever is renewed is renewed long before it ends: what is out there stays good meanwhile.</summary>
internal static class PushLifetimes
{
    public static readonly TimeSpan Authority = TimeSpan.FromDays(3650);

    /// <summary>What an authority has left when its successor is made.</summary>
    public static readonly TimeSpan AuthorityRenewal = TimeSpan.FromDays(365);

    /// <summary>How long a new authority is handed out before it signs: every caller trusts it by then.</summary>
    public static readonly TimeSpan Propagation = TimeSpan.FromDays(7);

    public static readonly TimeSpan Leaf = TimeSpan.FromDays(90);

    /// <summary>What a server's or a client's certificate has left when it is made anew.</summary>
    public static readonly TimeSpan LeafRenewal = TimeSpan.FromDays(30);

    /// <summary>By how much clocks may differ.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);
}
