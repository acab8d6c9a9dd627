using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Budgets;

/// <summary>
/// Who counts against one budget: what its status records, brought up to date by a live list of the pods that was read after it.
/// </summary>
/// <remarks>
/// A pod counts from before its gate goes (pending) until it is known to have ended: reported so while it is there, or by its last state
/// when it was deleted. One that is gone without word, or was refused by its kubelet without any word of its containers, is held for a time. See README.md beside this file.
/// </remarks>
public sealed class ConnectionLedger
{
    // More than any capacity, with room to calculate: what pods say they hold may be nonsense.
    private const int MaxInUse = 1_000_000_000;

    private ConnectionLedger(List<ConnectionHolder> granted, List<ConnectionHolder> pending, List<ConnectionHolder> held)
    {
        Granted = granted;
        Pending = pending;
        Held = held;
    }

    public IReadOnlyList<ConnectionHolder> Granted { get; }

    public IReadOnlyList<ConnectionHolder> Pending { get; }

    public IReadOnlyList<ConnectionHolder> Held { get; }

    /// <summary>Connections that must not be given to anybody else.</summary>
    public int InUse => (int)Math.Min(MaxInUse, Granted.Concat(Pending).Concat(Held).Sum(holder => (long)holder.Connections));

    /// <summary>More pods that the record has room for.</summary>
    public int Places => Math.Max(0, ConnectionBudgetStatus.MostHolders - Granted.Count - Pending.Count - Held.Count);

    /// <summary>Connections that pools may have: the capacity less what is reserved and what others hold; none while it is not known.</summary>
    public static int Usable(V1Alpha1ConnectionBudget budget)
    {
        ArgumentNullException.ThrowIfNull(budget);
        return Math.Max(0, (BudgetCapacity.Of(budget) ?? 0) - ReservedOf(budget.Spec));
    }

    private static int ReservedOf(ConnectionBudgetSpec spec) =>
        spec.Reserved + (spec.External ?? []).Sum(consumer => consumer.Connections);

    /// <summary>Everybody in the budget's status.</summary>
    public static IEnumerable<ConnectionHolder> RecordedIn(V1Alpha1ConnectionBudget budget)
    {
        ArgumentNullException.ThrowIfNull(budget);
        var status = budget.Status ?? new ConnectionBudgetStatus();
        return (status.Granted ?? []).Concat(status.Pending ?? []).Concat(status.Held ?? []).DistinctBy(holder => holder.Uid);
    }

    /// <param name="budget">The budget, read before the pods.</param>
    /// <param name="pods">All pools' pods of the namespace and those of the record that are still there, read live after the budget.</param>
    /// <param name="endConfirmed">Whether a pod that is gone is known to have ended.</param>
    public static ConnectionLedger Settle(
        V1Alpha1ConnectionBudget budget, IReadOnlyList<V1Pod> pods, Func<string, bool> endConfirmed, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(budget);
        ArgumentNullException.ThrowIfNull(pods);
        ArgumentNullException.ThrowIfNull(endConfirmed);
        var status = budget.Status ?? new ConnectionBudgetStatus();
        var live = pods.ToDictionary(pod => pod.Metadata.Uid!, StringComparer.Ordinal);
        var recorded = RecordedIn(budget).ToDictionary(holder => holder.Uid, StringComparer.Ordinal);

        var granted = pods.Where(pod => !pod.IsGated() && !pod.HasEnded())
            .Select(pod => HolderOf(pod, budget, recorded.GetValueOrDefault(pod.Metadata.Uid!)))
            .Where(holder => holder.Connections > 0)
            .OrderBy(holder => holder.Pod, StringComparer.Ordinal).ToList();
        var pending = (status.Pending ?? []).Where(holder => live.GetValueOrDefault(holder.Uid)?.IsGated() == true).ToList();
        var gone = recorded.Values.Where(holder =>
            (!live.TryGetValue(holder.Uid, out var pod) || pod.EndIsUnsure()) && !endConfirmed(holder.Uid));
        var hold = TimeSpan.FromSeconds(budget.Spec.LostHoldSeconds);
        var held = gone.Select(holder => holder.Since is null ? Since(holder, now) : holder)
            .Where(holder => holder.Since + hold > now).ToList();
        return new(granted, pending, held);
    }

    /// <summary>The same with more pods pending.</summary>
    public ConnectionLedger WithPending(IEnumerable<ConnectionHolder> more) => new([.. Granted], [.. Pending, .. more], [.. Held]);

    /// <summary>When the first held connections are free; null where none are held.</summary>
    public DateTimeOffset? NextRelease(ConnectionBudgetSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Held.Count == 0 ? null : Held.Min(holder => holder.Since) + TimeSpan.FromSeconds(spec.LostHoldSeconds);
    }

    /// <summary>Writes this into the budget's status.</summary>
    public void WriteTo(V1Alpha1ConnectionBudget budget)
    {
        ArgumentNullException.ThrowIfNull(budget);
        var status = budget.Status ??= new ConnectionBudgetStatus();
        (status.Granted, status.Pending, status.Held) = (NullIfEmpty(Granted), NullIfEmpty(Pending), NullIfEmpty(Held));
        (status.Capacity, status.Reserved, status.InUse) = (BudgetCapacity.Of(budget), ReservedOf(budget.Spec), InUse);
        status.Available = Math.Max(0, Usable(budget) - InUse);
    }

    /// <summary>The connections that the pod's annotation names, at most all there are.</summary>
    public static int ChargeOf(V1Pod pod, V1Alpha1ConnectionBudget budget)
    {
        ArgumentNullException.ThrowIfNull(budget);
        return Math.Min(pod.Charges()?.GetValueOrDefault(budget.Metadata.Name!) ?? 0, BudgetCapacity.Of(budget) ?? BudgetCapacity.Most);
    }

    /// <summary>An annotation that was made smaller, or unreadable, after the grant frees nothing.</summary>
    private static ConnectionHolder HolderOf(V1Pod pod, V1Alpha1ConnectionBudget budget, ConnectionHolder? recorded) => new()
    {
        Uid = pod.Metadata.Uid!,
        Pod = pod.Metadata.Name!,
        Connections = Math.Max(recorded?.Connections ?? 0, ChargeOf(pod, budget)),
    };

    private static ConnectionHolder Since(ConnectionHolder holder, DateTimeOffset now) => new()
    {
        Uid = holder.Uid,
        Pod = holder.Pod,
        Connections = holder.Connections,
        // Written to the second: rounded down, it would be free a moment early.
        Since = now.AddTicks((TimeSpan.TicksPerSecond - (now.Ticks % TimeSpan.TicksPerSecond)) % TimeSpan.TicksPerSecond),
    };

    private static List<ConnectionHolder>? NullIfEmpty(IReadOnlyList<ConnectionHolder> holders) => holders.Count == 0 ? null : [.. holders];
}
