using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Budgets;

/// <summary>Which of the waiting pods come next. Pure.</summary>
internal static class GrantSelection
{
    /// <summary>
    /// The pods that wait and that the limits allow: first those that have a reservation already, which nobody else can use, then the oldest.
    /// </summary>
    public static IReadOnlyList<V1Pod> Choose(IReadOnlyList<V1Pod> pods, GrantRequest request, ConnectionLedger? ledger)
    {
        var pending = (ledger?.Pending ?? []).Select(holder => holder.Uid).ToHashSet(StringComparer.Ordinal);
        var left = LeftOf(pods, request);
        var chosen = new List<V1Pod>();
        var waiting = pods.Where(pod => Waits(pod, request)).OrderByDescending(pod => pending.Contains(pod.Metadata.Uid!))
            .ThenBy(pod => pod.Metadata.CreationTimestamp).ThenBy(pod => pod.Metadata.Name, StringComparer.Ordinal);
        foreach (var pod in waiting)
        {
            var revision = pod.Label(Labels.Revision)!;
            if (left[revision]-- > 0)
                chosen.Add(pod);
        }

        return chosen;
    }

    /// <summary>The pods that wait, that the limits allow, and that have room in all of their budgets; and the first budget that had none.</summary>
    /// <param name="rooms">Of the budgets that exist.</param>
    public static (IReadOnlyList<V1Pod> Fitting, string? BlockedBy) FitEverywhere(
        IReadOnlyList<V1Pod> pods, GrantRequest request, IReadOnlyDictionary<string, GrantRoom> rooms)
    {
        var left = LeftOf(pods, request);
        var fitting = new List<V1Pod>();
        var blockedBy = new SortedSet<string>(StringComparer.Ordinal);
        var waiting = pods.Where(pod => Waits(pod, request)).OrderByDescending(pod => rooms.Values.Count(room => room.Has(pod)))
            .ThenBy(pod => pod.Metadata.CreationTimestamp).ThenBy(pod => pod.Metadata.Name, StringComparer.Ordinal);
        foreach (var pod in waiting.Where(pod => left[pod.Label(Labels.Revision)!] > 0))
        {
            var charges = pod.Charges()!;
            var full = charges.Where(charge => rooms.GetValueOrDefault(charge.Key)?.Fits(pod, charge.Value) != true).Select(charge => charge.Key).ToList();
            blockedBy.UnionWith(full);
            if (full.Count > 0)
                continue;
            foreach (var (budget, connections) in charges)
                rooms[budget].Take(pod, connections);
            left[pod.Label(Labels.Revision)!]--;
            fitting.Add(pod);
        }

        return (fitting, blockedBy.Min);
    }

    /// <summary>Those of the pods that a budget has room for (or has reserved already, or is not charged for), and the new reservations.</summary>
    public static (IReadOnlyList<V1Pod> Fitting, IReadOnlyList<ConnectionHolder> Fresh) Fit(
        IReadOnlyList<V1Pod> wanted, string budget, ConnectionLedger ledger, int usable)
    {
        var pending = ledger.Pending.Select(holder => holder.Uid).ToHashSet(StringComparer.Ordinal);
        var left = usable - ledger.InUse;
        var fitting = new List<V1Pod>();
        var fresh = new List<ConnectionHolder>();
        foreach (var pod in wanted)
        {
            var charge = pod.Charges()!.GetValueOrDefault(budget);
            if (charge > 0 && !pending.Contains(pod.Metadata.Uid!))
            {
                if (charge > left || fresh.Count == ledger.Places)
                    continue;
                left -= charge;
                fresh.Add(new ConnectionHolder { Uid = pod.Metadata.Uid!, Pod = pod.Metadata.Name!, Connections = charge });
            }

            fitting.Add(pod);
        }

        return (fitting, fresh);
    }

    /// <summary>How many more pods of each revision may serve.</summary>
    private static Dictionary<string, int> LeftOf(IReadOnlyList<V1Pod> pods, GrantRequest request) => request.Limits.ToDictionary(
        limit => limit.Key,
        limit => limit.Value - pods.Count(pod => IsOf(pod, request.Pool, limit.Key) && Serves(pod)),
        StringComparer.Ordinal);

    private static bool Serves(V1Pod pod) => !pod.IsGated() && !pod.IsDeleting() && !pod.HasEnded();

    public static bool Waits(V1Pod pod, GrantRequest request) =>
        pod.Label(Labels.Pool) == request.Pool
        && pod.Label(Labels.Revision) is { } revision && request.Limits.ContainsKey(revision)
        && request.Candidates.Contains(pod.Metadata.Uid!)
        && pod.IsGated() && !pod.IsDeleting() && !pod.IsWithdrawn()
        && pod.Charges() is { } charges && charges.Values.All(charge => charge > 0)
        && (charges.Count > 0 || request.Uncharged.Contains(revision));

    private static bool IsOf(V1Pod pod, string pool, string revision) =>
        pod.Label(Labels.Pool) == pool && pod.Label(Labels.Revision) == revision;
}
