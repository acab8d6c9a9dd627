using System.Globalization;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Discovery;

/// <summary>
/// Compares a server's live connections with who is known to hold some. A pod explains connections that have its name, up to what it is charged;
/// an external consumer those that have its own, up to what it says; <c>reserved</c> explains as many of the rest. Pure.
/// </summary>
internal static class LiveAccounts
{
    private const int MaxShown = 5;
    private const int MaxName = 63;

    /// <summary>Connections that nobody explains, and the names that most of them have.</summary>
    public static (int Count, string Whose) Unaccounted(
        IReadOnlyList<LiveConnections> live, IEnumerable<ConnectionHolder> holders, ConnectionBudgetSpec spec)
    {
        var allowed = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var holder in holders)
            allowed[holder.Pod] = allowed.GetValueOrDefault(holder.Pod) + holder.Connections;
        foreach (var consumer in spec.External ?? [])
            allowed[consumer.Name] = allowed.GetValueOrDefault(consumer.Name) + consumer.Connections;
        var externals = (spec.External ?? []).Select(consumer => consumer.Name).ToHashSet(StringComparer.Ordinal);
        var pods = allowed.Keys.Where(name => !externals.Contains(name)).OrderByDescending(name => name.Length).ToList();

        var rest = new List<LiveConnections>();
        foreach (var connections in live.OrderBy(item => item.Name, StringComparer.Ordinal).ThenBy(item => item.Host, StringComparer.Ordinal))
        {
            var left = connections.Count;
            // Several pods may share as much of their names as a server keeps.
            foreach (var owner in externals.Contains(connections.Name) ? [connections.Name] : pods.Where(pod => LiveNames.MayBe(connections.Name, pod)))
            {
                var explained = Math.Min(left, allowed[owner]);
                allowed[owner] -= explained;
                left -= explained;
            }

            if (left > 0)
                rest.Add(connections with { Count = left });
        }

        return (Math.Max(0, rest.Sum(item => item.Count) - spec.Reserved), Show(rest));
    }

    private static string Show(List<LiveConnections> rest)
    {
        var shown = rest.OrderByDescending(item => item.Count).ThenBy(item => item.Name, StringComparer.Ordinal).Take(MaxShown)
            .Select(item => string.Create(CultureInfo.InvariantCulture, $"{Name(item.Name)} from {item.Host}: {item.Count}"));
        return string.Join(", ", shown) + (rest.Count > MaxShown ? ", ..." : "");
    }

    /// <summary>Anybody may choose it.</summary>
    private static string Name(string name)
    {
        var clean = new string([.. name.Take(MaxName).Where(character => character is >= ' ' and <= '~')]);
        return clean.Length == 0 ? "(no name)" : $"'{clean}'";
    }
}
