using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Storage;

namespace K8sQueue.LocalCluster.Operations;

/// <summary>One page of a list.</summary>
internal sealed record ObjectPage(IReadOnlyList<StoredObject> Items, long Version, string? Continue, long? Remaining);

/// <summary>
/// Lists, page by page: the pages of one list are of one version, so their snapshot is kept for a while.
/// </summary>
internal sealed class ObjectLister(ObjectStore store)
{
    private const int KeptSnapshots = 64;
    private readonly ConcurrentDictionary<(GroupResource Resource, long Version), StoreSnapshot> _snapshots = new();

    /// <param name="limit">The most objects of a page; 0 for all.</param>
    /// <param name="token">Where the page before ended.</param>
    /// <exception cref="ClusterApiException">Expired, or BadRequest for a token that isn't one.</exception>
    public ObjectPage List(ResourceEndpoint endpoint, ObjectFilter filter, long limit = 0, string? token = null)
    {
        var resource = endpoint.Type.StoredAs;
        var (snapshot, after) = token is { Length: > 0 } ? Resume(resource, token) : (store.Snapshot(resource), default);
        var matching = snapshot.Objects.In(filter.Namespace)
            .Where(o => (after is null || ObjectKey.Of(o.Namespace, o.Name).CompareTo(after.Value) > 0) && filter.Matches(o));
        if (limit <= 0)
            return new ObjectPage([.. matching], snapshot.Version, null, null);
        var items = matching.ToList();
        if (items.Count <= limit)
            return new ObjectPage(items, snapshot.Version, null, null);
        Keep(resource, snapshot);
        var page = items.Take((int)Math.Min(limit, int.MaxValue)).ToList();
        return new ObjectPage(page, snapshot.Version, Token(snapshot.Version, page[^1]), items.Count - page.Count);
    }

    private (StoreSnapshot Snapshot, ObjectKey? After) Resume(GroupResource resource, string token)
    {
        string[] parts;
        try
        {
            parts = Encoding.UTF8.GetString(Convert.FromBase64String(token)).Split('/');
        }
        catch (FormatException)
        {
            parts = [];
        }

        if (parts.Length != 3 || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            throw ApiErrors.BadRequest("continue key is not valid");
        if (version < store.CompactedVersion || !_snapshots.TryGetValue((resource, version), out var snapshot))
        {
            throw ApiErrors.Expired(
                "The provided continue parameter is too old to display a consistent list result. "
                + "You can start a new list without the continue parameter.");
        }

        return (snapshot, new ObjectKey(parts[1], parts[2]));
    }

    private void Keep(GroupResource resource, StoreSnapshot snapshot)
    {
        _snapshots[(resource, snapshot.Version)] = snapshot;
        while (_snapshots.Count > KeptSnapshots)
            _snapshots.TryRemove(_snapshots.Keys.MinBy(k => k.Version), out _);
    }

    private static string Token(long version, StoredObject last) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"{version}/{last.Namespace}/{last.Name}"));
}
