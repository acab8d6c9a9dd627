using K8sQueue.Api.Cluster;

namespace K8sQueue.Api.Dashboard.Charts;

/// <summary>A part of a budget's connections.</summary>
/// <param name="Kind">Whose it is.</param>
/// <param name="Name">The pool or the consumer; null where the kind says all.</param>
/// <param name="Connections">How many.</param>
/// <param name="Style">Its colour's class.</param>
public sealed record BudgetShare(BudgetShareKind Kind, string? Name, int Connections, string Style)
{
    /// <summary>What it is called.</summary>
    public string Title => Kind switch
    {
        BudgetShareKind.Reserved => "Reserved",
        BudgetShareKind.External => $"External: {Name}",
        BudgetShareKind.Pool => $"Pool {Name}",
        BudgetShareKind.Gone => "Pods of no pool",
        _ => "Free",
    };
}

/// <summary>Whose a part of a budget is.</summary>
public enum BudgetShareKind
{
    /// <summary>Kept out of the pools' reach.</summary>
    Reserved,

    /// <summary>Of a consumer that is no pool.</summary>
    External,

    /// <summary>Held by the pods of a pool.</summary>
    Pool,

    /// <summary>Held by pods whose pool is gone.</summary>
    Gone,

    /// <summary>Nobody's.</summary>
    Free,
}

/// <summary>Who has what of a budget. Pure.</summary>
internal static class BudgetShares
{
    private static readonly string[] PoolStyles = ["first", "second", "fourth", "fifth"];

    /// <summary>All parts, in the order of a bar: together they are the capacity, or more where more is granted than there is.</summary>
    public static IReadOnlyList<BudgetShare> Of(BudgetDocument budget)
    {
        var external = budget.External.Sum(one => one.Connections);
        var held = budget.Allocations.Sum(one => one.Connections);
        var shares = new List<BudgetShare> { new(BudgetShareKind.Reserved, null, Math.Max(0, budget.Reserved - external), "soft") };
        shares.AddRange(budget.External.Select(one => new BudgetShare(BudgetShareKind.External, one.Name, one.Connections, "third")));
        shares.AddRange(budget.Allocations.Select((one, i) => new BudgetShare(BudgetShareKind.Pool, one.Pool, one.Connections, PoolStyles[i % PoolStyles.Length])));
        if (budget.InUse > held)
            shares.Add(new(BudgetShareKind.Gone, null, budget.InUse - held, "ink"));
        shares.Add(new(BudgetShareKind.Free, null, Math.Max(0, budget.Available), "free"));
        return shares;
    }
}
