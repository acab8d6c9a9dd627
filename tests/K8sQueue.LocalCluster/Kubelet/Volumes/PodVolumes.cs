using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Kubelet.Environments;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Kubelet.Volumes;

/// <summary>
/// Volumes as directories under the pod's own. A process has no mounts of its own, so a path below a mountPath in a command, an argument or a variable
/// is rewritten to the directory, and LOCALCLUSTER_MOUNT_&lt;NAME&gt; names it.
/// </summary>
internal sealed class PodVolumes(string directory)
{
    private const string MountPrefix = "LOCALCLUSTER_MOUNT_";

    /// <summary>Writes every volume of the pod.</summary>
    /// <exception cref="ContainerConfigException">What a volume needs is missing.</exception>
    public void Materialise(JsonObject pod, string podAddress, ConfigurationSource source)
    {
        foreach (var volume in pod.ObjectsAt("spec", "volumes"))
        {
            var path = Path.Combine(directory, volume.TextAt("name") ?? "");
            Directory.CreateDirectory(path);
            try
            {
                Fill(path, volume, pod, podAddress, source);
            }
            catch (ContainerConfigException e)
            {
                throw new ContainerConfigException($"MountVolume.SetUp failed for volume \"{volume.TextAt("name")}\" : {e.Message}", e);
            }
        }
    }

    /// <summary>Where the mounts of a container are: its mountPath, and the directory or file in its place.</summary>
    public IReadOnlyList<(string Name, string MountPath, string Path)> Mounts(JsonObject pod, JsonObject container)
    {
        var hostPaths = pod.ObjectsAt("spec", "volumes").ToDictionary(v => v.TextAt("name") ?? "", v => v.TextAt("hostPath", "path"), StringComparer.Ordinal);
        return
        [
            .. container.ObjectsAt("volumeMounts").Select(m =>
            {
                var name = m.TextAt("name") ?? "";
                var root = hostPaths.GetValueOrDefault(name) ?? Path.Combine(directory, name);
                return (name, (m.TextAt("mountPath") ?? "").TrimEnd('/'), m.TextAt("subPath") is { Length: > 0 } sub ? Path.Combine(root, sub) : root);
            }).OrderByDescending(m => m.Item2.Length),
        ];
    }

    public void AddVariables(IDictionary<string, string> variables, JsonObject pod, JsonObject container)
    {
        var mounts = Mounts(pod, container);
        foreach (var (name, value) in variables.ToList())
            variables[name] = Rewrite(value, mounts);
        foreach (var (name, _, path) in mounts)
            variables[$"{MountPrefix}{name.ToUpperInvariant().Replace('-', '_')}"] = path;
    }

    /// <summary>The text with its mountPath replaced, where it is a path at or below one.</summary>
    public static string Rewrite(string text, IReadOnlyList<(string Name, string MountPath, string Path)> mounts)
    {
        foreach (var (_, mountPath, path) in mounts)
        {
            if (mountPath.Length > 0 && text.StartsWith(mountPath, StringComparison.Ordinal)
                && (text.Length == mountPath.Length || text[mountPath.Length] == '/'))
            {
                return path + text[mountPath.Length..];
            }
        }

        return text;
    }

    public void Delete()
    {
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
    }

    private static void Fill(string path, JsonObject volume, JsonObject pod, string podAddress, ConfigurationSource source)
    {
        if (volume.MapAt("secret") is { } secret)
            WriteEntries(path, secret, secret.TextAt("secretName") ?? "", isSecret: true, source);
        if (volume.MapAt("configMap") is { } map)
            WriteEntries(path, map, map.TextAt("name") ?? "", isSecret: false, source);
        WriteFields(path, volume.MapAt("downwardAPI"), pod, podAddress);
        foreach (var part in volume.ObjectsAt("projected", "sources"))
        {
            if (part.MapAt("secret") is { } partSecret)
                WriteEntries(path, partSecret, partSecret.TextAt("name") ?? "", isSecret: true, source);
            if (part.MapAt("configMap") is { } partMap)
                WriteEntries(path, partMap, partMap.TextAt("name") ?? "", isSecret: false, source);
            WriteFields(path, part.MapAt("downwardAPI"), pod, podAddress);
        }
    }

    private static void WriteEntries(string path, JsonObject reference, string name, bool isSecret, ConfigurationSource source)
    {
        var entries = isSecret ? source.Secret(name) : source.ConfigMap(name);
        var optional = reference.FlagAt("optional");
        if (entries is null && !optional)
            throw ConfigurationSource.Missing(name, isSecret);
        entries ??= new Dictionary<string, byte[]>();
        var items = reference["items"] is JsonArray
            ? reference.ObjectsAt("items").Select(i => (Key: i.TextAt("key") ?? "", Path: i.TextAt("path") ?? ""))
            : entries.Keys.Select(k => (Key: k, Path: k));
        foreach (var (key, file) in items)
        {
            if (entries.TryGetValue(key, out var content))
                Write(path, file, content);
            else if (!optional)
                throw new ContainerConfigException($"references non-existent {(isSecret ? "secret" : "config")} key: {key}");
        }
    }

    private static void WriteFields(string path, JsonObject? downward, JsonObject pod, string podAddress)
    {
        foreach (var item in downward.ObjectsAt("items"))
        {
            var value = FieldReference.Read(pod, podAddress, item.TextAt("fieldRef", "fieldPath") ?? "");
            Write(path, item.TextAt("path") ?? "", System.Text.Encoding.UTF8.GetBytes(value));
        }
    }

    private static void Write(string directory, string file, byte[] content)
    {
        var path = Path.GetFullPath(Path.Combine(directory, file));
        if (!path.StartsWith(directory + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new ContainerConfigException($"path {file} leaves its volume");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
