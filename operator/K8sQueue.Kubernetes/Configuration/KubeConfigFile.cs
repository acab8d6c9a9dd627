using YamlDotNet.RepresentationModel;

namespace K8sQueue.Kubernetes.Configuration;

/// <summary>One file as it stands: YAML (or JSON) nodes by name, each knowing the directory that its paths are relative to.</summary>
internal sealed record KubeConfigFile(
    string? CurrentContext,
    IReadOnlyDictionary<string, KubeConfigNode> Clusters,
    IReadOnlyDictionary<string, KubeConfigNode> Users,
    IReadOnlyDictionary<string, KubeConfigNode> Contexts)
{
    public static KubeConfigFile Parse(string yaml, string path)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        if (stream.Documents.Count == 0)
            return new KubeConfigFile(null, Named(null, "", path), Named(null, "", path), Named(null, "", path));
        if (stream.Documents[0].RootNode is not YamlMappingNode root)
            throw new KubeConfigException($"The kubeconfig {path} is not a YAML mapping.");
        var node = new KubeConfigNode(root, path);
        return new KubeConfigFile(
            node.Text("current-context"), Named(node, "cluster", path), Named(node, "user", path), Named(node, "context", path));
    }

    // clusters: [{name: x, cluster: {...}}], and so on. Within a file, too, the first of a name wins.
    private static Dictionary<string, KubeConfigNode> Named(KubeConfigNode? root, string kind, string path)
    {
        var named = new Dictionary<string, KubeConfigNode>(StringComparer.Ordinal);
        foreach (var entry in root?.List($"{kind}s") ?? [])
        {
            var name = entry.Text("name") ?? throw new KubeConfigException($"An entry of {kind}s in {path} has no name.");
            named.TryAdd(name, entry.Child(kind) ?? new KubeConfigNode(new YamlMappingNode(), path));
        }

        return named;
    }
}

/// <summary>Files merged: the first that names a cluster, user, context or the current context wins.</summary>
internal sealed record MergedKubeConfig(
    string? CurrentContext,
    IReadOnlyDictionary<string, KubeConfigNode> Clusters,
    IReadOnlyDictionary<string, KubeConfigNode> Users,
    IReadOnlyDictionary<string, KubeConfigNode> Contexts)
{
    public static MergedKubeConfig Merge(IReadOnlyList<KubeConfigFile> files) => new(
        files.Select(f => f.CurrentContext).FirstOrDefault(c => !string.IsNullOrEmpty(c)),
        First(files.Select(f => f.Clusters)),
        First(files.Select(f => f.Users)),
        First(files.Select(f => f.Contexts)));

    private static Dictionary<string, KubeConfigNode> First(IEnumerable<IReadOnlyDictionary<string, KubeConfigNode>> maps)
    {
        var merged = new Dictionary<string, KubeConfigNode>(StringComparer.Ordinal);
        foreach (var (name, node) in maps.SelectMany(m => m))
            merged.TryAdd(name, node);
        return merged;
    }
}

/// <summary>A mapping and the file it stands in.</summary>
internal sealed record KubeConfigNode(YamlMappingNode Node, string File)
{
    public string? Text(string key) =>
        Value(key) is YamlScalarNode { Value: { Length: > 0 } value } scalar && !IsNull(scalar) ? value : null;

    public bool Flag(string key) => string.Equals(Text(key), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>A path, relative to the directory of the file.</summary>
    public string? Path(string key) => Text(key) is { } path
        ? System.IO.Path.GetFullPath(path, System.IO.Path.GetDirectoryName(File)!)
        : null;

    public KubeConfigNode? Child(string key) => Value(key) is YamlMappingNode mapping ? new KubeConfigNode(mapping, File) : null;

    public IEnumerable<KubeConfigNode> List(string key) =>
        (Value(key) as YamlSequenceNode)?.OfType<YamlMappingNode>().Select(m => new KubeConfigNode(m, File)) ?? [];

    public IReadOnlyList<string> Texts(string key) =>
        (Value(key) as YamlSequenceNode)?.OfType<YamlScalarNode>().Select(s => s.Value ?? "").ToList() ?? [];

    public IEnumerable<string> Keys => Node.Children.Keys.OfType<YamlScalarNode>().Select(k => k.Value ?? "");

    private static bool IsNull(YamlScalarNode scalar) =>
        scalar.Style == YamlDotNet.Core.ScalarStyle.Plain && scalar.Value is "null" or "~";

    private YamlNode? Value(string key) => Node.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;
}
