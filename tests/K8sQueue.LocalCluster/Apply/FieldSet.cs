using System.Text.Json.Nodes;

namespace K8sQueue.LocalCluster.Apply;

/// <summary>
/// A set of field paths as a tree, in the terms of fieldsV1: <c>f:name</c> a member, <c>k:{...}</c> an item by its keys, <c>v:...</c> an
/// item by its value, <c>.</c> the node itself. Instances are not changed once they are handed out.
/// </summary>
internal sealed class FieldSet
{
    public static readonly FieldSet Empty = new();

    /// <summary>Whether the path up to here is itself in the set.</summary>
    public bool IsMember { get; set; }

    public SortedDictionary<string, FieldSet> Children { get; } = new(StringComparer.Ordinal);

    public bool IsEmpty => !IsMember && Children.Count == 0;

    /// <summary>The child, made where it is missing. For building only.</summary>
    public FieldSet Child(string element)
    {
        if (!Children.TryGetValue(element, out var child))
            Children[element] = child = new FieldSet();
        return child;
    }

    public FieldSet? Find(params ReadOnlySpan<string> path)
    {
        var node = this;
        foreach (var element in path)
        {
            if (!node.Children.TryGetValue(element, out node))
                return null;
        }

        return node;
    }

    public FieldSet Union(FieldSet other) => Combine(this, other, static (a, b) => a || b);

    /// <summary>Exactly the paths that both have.</summary>
    public FieldSet Intersect(FieldSet other) => Combine(this, other, static (a, b) => a && b);

    /// <summary>Without exactly the paths of the other.</summary>
    public FieldSet Except(FieldSet other) => Combine(this, other, static (a, b) => a && !b);

    /// <summary>Without the paths of the other and everything beneath them.</summary>
    public FieldSet ExceptTrees(FieldSet other)
    {
        if (other.IsMember)
            return Empty;
        var result = new FieldSet { IsMember = IsMember };
        foreach (var (element, child) in Children)
        {
            var rest = other.Children.TryGetValue(element, out var cut) ? child.ExceptTrees(cut) : child;
            if (!rest.IsEmpty)
                result.Children[element] = rest;
        }

        return result;
    }

    /// <summary>The members as dotted paths, for messages: .spec.containers[name="a"].image.</summary>
    public IEnumerable<string> Paths(string prefix = "")
    {
        if (IsMember)
            yield return prefix;
        foreach (var (element, child) in Children)
        {
            foreach (var path in child.Paths(prefix + FieldElement.Show(element)))
                yield return path;
        }
    }

    public bool SameAs(FieldSet other) =>
        IsMember == other.IsMember && Children.Count == other.Children.Count &&
        Children.All(c => other.Children.TryGetValue(c.Key, out var child) && c.Value.SameAs(child));

    public JsonObject ToJson()
    {
        var json = new JsonObject();
        if (IsMember && Children.Count > 0)
            json["."] = new JsonObject();
        foreach (var (element, child) in Children)
            json[element] = child.ToJson();
        return json;
    }

    public static FieldSet FromJson(JsonObject json)
    {
        var set = new FieldSet { IsMember = json.Count == 0 || json.ContainsKey(".") };
        foreach (var (element, child) in json)
        {
            if (element != "." && child is JsonObject map)
                set.Children[element] = FromJson(map);
        }

        return set;
    }

    /// <summary>A root is never a member itself.</summary>
    public static FieldSet RootFromJson(JsonObject? json)
    {
        if (json is null)
            return Empty;
        var set = FromJson(json);
        set.IsMember = false;
        return set;
    }

    private static FieldSet Combine(FieldSet a, FieldSet b, Func<bool, bool, bool> member)
    {
        var result = new FieldSet { IsMember = member(a.IsMember, b.IsMember) };
        foreach (var element in a.Children.Keys.Union(b.Children.Keys))
        {
            var child = Combine(a.Children.GetValueOrDefault(element, Empty), b.Children.GetValueOrDefault(element, Empty), member);
            if (!child.IsEmpty)
                result.Children[element] = child;
        }

        return result;
    }
}
