using System.Text.Json.Nodes;

namespace K8sQueue.Compose.Tests.Model;

/// <summary>A compose.yaml with the files beside it.</summary>
internal sealed class ComposeFile
{
    private readonly IReadOnlyDictionary<string, string> _files;
    private readonly JsonObject _root;

    /// <param name="folder">Within its topology; empty where it is the topology's own.</param>
    /// <param name="files">The topology's, by their paths in it.</param>
    public ComposeFile(string folder, IReadOnlyDictionary<string, string> files)
    {
        Folder = folder;
        _files = files;
        _root = ComposeYaml.Read(files[PathOf("compose.yaml")], EnvironmentExample(files.GetValueOrDefault(PathOf(".env.example"))));
        Services = [.. ((JsonObject)_root["services"]!).Select(service => new ComposeService(service.Key, (JsonObject)service.Value!))];
    }

    public string Folder { get; }

    public IReadOnlyList<ComposeService> Services { get; }

    /// <summary>Names of the volumes that it declares.</summary>
    public IEnumerable<string> Volumes => Keys("volumes");

    public IEnumerable<string> Networks => Keys("networks");

    /// <summary>Its secrets, and the file of each.</summary>
    public IReadOnlyDictionary<string, string> Secrets =>
        (_root["secrets"] as JsonObject ?? []).ToDictionary(secret => secret.Key, secret => secret.Value!["file"]?.ToString() ?? "");

    /// <summary>Whether another file has to be started before, which makes its networks.</summary>
    public bool NeedsNetworks => (_root["networks"] as JsonObject ?? []).Any(network => network.Value!["external"]?.ToString() == "true");

    /// <summary>The name that a network has for all compose files.</summary>
    public string SharedName(string network) => _root["networks"]?[network]?["name"]?.ToString() ?? $"{Folder}/{network}";

    public string PathOf(string file) => Folder.Length == 0 ? file : $"{Folder}/{file}";

    public string? TextOf(string file) => _files.GetValueOrDefault(PathOf(file));

    /// <summary>The files that a service mounts, by their paths in its container.</summary>
    public IEnumerable<(string Path, string Text)> MountedFiles(ComposeService service)
    {
        foreach (var mount in service.Volumes.Where(mount => !mount.IsNamed))
        {
            var source = PathOf(mount.Source[2..]);
            foreach (var (path, text) in _files)
            {
                if (path == source)
                    yield return (mount.Target, text);
                else if (path.StartsWith(source + "/", StringComparison.Ordinal))
                    yield return (mount.Target + path[source.Length..], text);
            }
        }
    }

    private IEnumerable<string> Keys(string field) => (_root[field] as JsonObject ?? []).Select(entry => entry.Key);

    /// <summary>The example is what people start with: it has to be right, too.</summary>
    private static Dictionary<string, string> EnvironmentExample(string? text) => (text ?? "").Split('\n')
        .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
}
