using System.Collections.Concurrent;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Discovery;

/// <summary>
/// Frees held connections before their time where it is known that nobody has them: the pod's node is gone, its name was seen at the server
/// before, and two looks apart show none of it any more. docs/adr/0010 says why each of them is asked for. All of it is in memory: what a restart
/// forgets is held for its time.
/// </summary>
public sealed class HeldEvidence(IKubernetesClient client, EndedPods ended, TimeProvider time)
{
    private const string OutOfService = "node.kubernetes.io/out-of-service";
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Looks> _looks = new(StringComparer.Ordinal);

    /// <summary>Takes in a look at the server.</summary>
    /// <param name="budget">The budget as it was before the look.</param>
    public async Task ConsiderAsync(V1Alpha1ConnectionBudget budget, CapacityReading reading, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(budget);
        ArgumentNullException.ThrowIfNull(reading);
        var looks = _looks.GetOrAdd(budget.Metadata.Uid!, _ => new Looks());
        if (reading.Live is not { } live)
        {
            looks.NoneSince.Clear();
            return;
        }

        var recorded = ConnectionLedger.RecordedIn(budget).ToList();
        looks.Keep(recorded.Select(holder => holder.Uid).ToHashSet(StringComparer.Ordinal));
        var shown = recorded.Where(holder => live.Any(item => LiveNames.MayBe(item.Name, holder.Pod))).Select(holder => holder.Uid).ToHashSet(StringComparer.Ordinal);
        looks.Seen.UnionWith(shown);
        foreach (var uid in shown)
            looks.NoneSince.Remove(uid);
        foreach (var holder in (budget.Status?.Held ?? []).Where(holder => !shown.Contains(holder.Uid) && looks.Seen.Contains(holder.Uid)))
        {
            if (looks.NoneSince.TryAdd(holder.Uid, time.GetTimestamp()) || time.GetElapsedTime(looks.NoneSince[holder.Uid]) < Apart)
                continue;
            if (await IsNodeGoneAsync(ended.NodeOf(holder.Uid), cancellationToken).ConfigureAwait(false))
                ended.Release(budget, holder.Uid);
        }
    }

    public void Forget(V1Alpha1ConnectionBudget budget)
    {
        ArgumentNullException.ThrowIfNull(budget);
        _looks.TryRemove(budget.Metadata.Uid!, out _);
    }

    /// <summary>Deleting a Node, or that taint, is how a cloud or an administrator says that the machine does not run.</summary>
    private async Task<bool> IsNodeGoneAsync(string? name, CancellationToken cancellationToken)
    {
        if (name is null)
            return false;
        try
        {
            var node = await client.GetAsync<V1Node>(name, null, cancellationToken).ConfigureAwait(false);
            return node is null || node.Spec.Taints?.Exists(taint => taint.Key == OutOfService) == true;
        }
        catch (KubernetesApiException)
        {
            // Not allowed to look, in namespaced mode: then time decides.
            return false;
        }
    }

    // One read of a budget at a time: no locks.
    private sealed class Looks
    {
        public HashSet<string> Seen { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, long> NoneSince { get; } = new(StringComparer.Ordinal);

        public void Keep(HashSet<string> recorded)
        {
            Seen.IntersectWith(recorded);
            foreach (var uid in NoneSince.Keys.Where(uid => !recorded.Contains(uid)).ToList())
                NoneSince.Remove(uid);
        }
    }
}
