using YamlDotNet.Core;

namespace K8sQueue.Kubernetes.Configuration;

/// <summary>
/// The kubeconfig: the files of KUBECONFIG merged (the first to name a thing wins; paths are relative to the file they stand in), or
/// <c>~/.kube/config</c>.
/// </summary>
public static class KubeConfig
{
    public const string EnvironmentVariable = "KUBECONFIG";

    /// <summary>Loads the current context, or the given one, from KUBECONFIG or ~/.kube/config.</summary>
    /// <exception cref="KubeConfigException">No file is there, or one is wrong; the message says which and what.</exception>
    public static KubernetesClientConfiguration Load(string? context = null, TimeProvider? time = null) =>
        Load(DefaultPaths(), context, time);

    /// <summary>Loads from these files; those that are not there are passed over, but one must be.</summary>
    public static KubernetesClientConfiguration Load(IEnumerable<string> paths, string? context = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var all = paths.ToList();
        var files = all.Where(File.Exists).Select(Read).ToList();
        if (files.Count == 0)
            throw new KubeConfigException($"No kubeconfig at {string.Join(", ", all)}: set {EnvironmentVariable}, or run inside a pod.");
        return KubeConfigBuilder.Build(MergedKubeConfig.Merge(files), context, time ?? TimeProvider.System);
    }

    private static IReadOnlyList<string> DefaultPaths()
    {
        var variable = Environment.GetEnvironmentVariable(EnvironmentVariable);
        return string.IsNullOrEmpty(variable)
            ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config")]
            : [.. variable.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Distinct()];
    }

    private static KubeConfigFile Read(string path)
    {
        try
        {
            return KubeConfigFile.Parse(File.ReadAllText(path), Path.GetFullPath(path));
        }
        catch (Exception e) when (e is YamlException or IOException or UnauthorizedAccessException)
        {
            throw new KubeConfigException($"The kubeconfig {path} cannot be read: {e.Message}", e);
        }
    }
}
