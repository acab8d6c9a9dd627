using System.Text.RegularExpressions;
using K8sQueue.Compose.Tests.Model;
using K8sQueue.Testing;

namespace K8sQueue.Compose.Tests.Run;

/// <summary>
/// Where on this machine is what the containers of a topology see: hosts are loopback, ports are free ones, and paths are in a folder. Texts of the compose
/// file, and of the files that it mounts, are told so by <see cref="Rewrite"/>, and are otherwise as they are.
/// </summary>
internal sealed class LocalMap(Topology topology, string folder)
{
    private readonly Dictionary<(string Service, int Port), int> _ports = [];

    /// <summary>Where make-secrets has written.</summary>
    public string TopologyFolder => Path.Combine(folder, "topology");

    public int PortOf(string service, int port) => _ports.TryGetValue((service, port), out var local) ? local : _ports[(service, port)] = FreePort.Next();

    /// <summary>For a server that has chosen its port by itself.</summary>
    public void SetPort(string service, int port, int local) => _ports[(service, port)] = local;

    /// <summary>Writes what a service mounts, and makes the folders that it may write to.</summary>
    public void Prepare(ComposeFile file, ComposeService service)
    {
        foreach (var writable in service.Tmpfs.Concat(service.Volumes.Where(volume => volume.IsNamed).Select(volume => volume.Target)))
            Directory.CreateDirectory(PathOf(service, writable));
        foreach (var (path, text) in file.MountedFiles(service))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(PathOf(service, path))!);
            File.WriteAllText(PathOf(service, path), Rewrite(file, service, text));
        }
    }

    /// <summary>A path of a service's container.</summary>
    public string PathOf(ComposeService service, string path) => Path.Combine(folder, "containers", service.Name, path.TrimStart('/'));

    public string SecretPath(ComposeFile file, string name) => Path.Combine(TopologyFolder, file.PathOf(file.Secrets[name]));

    public string Rewrite(ComposeFile file, ComposeService service, string text)
    {
        foreach (var (_, other) in topology.Services)
        {
            foreach (var port in other.Exposed)
                text = Regex.Replace(text, $@"(?<![\w.-]){Regex.Escape(other.Name)}:{port}(?!\d)", $"127.0.0.1:{PortOf(other.Name, port)}");
        }

        foreach (var port in service.Exposed)
            text = Regex.Replace(text, $@"(?<![\w.]){port}(?![\w.])", $"{PortOf(service.Name, port)}");

        // All at once: what a path becomes may begin with another one.
        var paths = service.Secrets.ToDictionary(secret => secret.Path, secret => SecretPath(file, secret.Name));
        foreach (var path in service.Tmpfs.Concat(service.Volumes.Select(volume => volume.Target)))
            paths[path] = PathOf(service, path);
        var any = string.Join('|', paths.Keys.OrderByDescending(path => path.Length).Select(Regex.Escape));
        return paths.Count == 0 ? text : Regex.Replace(text, $"(?<![\\w/.])({any})(?![\\w.-])", match => paths[match.Value]);
    }
}
