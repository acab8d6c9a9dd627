using K8sQueue.Compose.Tests.Model;

namespace K8sQueue.Compose.Tests.Rules;

/// <summary>Files that are mounted are there and can't be written; volumes are declared, used, and under what has to outlive a container.</summary>
internal static class VolumeRule
{
    private static readonly Dictionary<string, string> State = new()
    {
        ["docker.io/library/postgres"] = "/var/lib/postgresql/data",
        ["docker.io/library/rabbitmq"] = "/var/lib/rabbitmq",
        ["quay.io/minio/minio"] = "/data",
    };

    public static IEnumerable<string> Faults(Topology topology)
    {
        foreach (var file in topology.Files)
        {
            foreach (var name in file.Volumes.Where(name => !file.Services.Any(service => service.Volumes.Any(volume => volume.Source == name))))
                yield return $"the volume {name} is nobody's";
            foreach (var service in file.Services)
            {
                foreach (var fault in Faults(file, service))
                    yield return $"{service.Name}: {fault}";
            }
        }
    }

    private static IEnumerable<string> Faults(ComposeFile file, ComposeService service)
    {
        var mounted = file.MountedFiles(service).Select(one => one.Path).ToHashSet();
        foreach (var volume in service.Volumes)
        {
            if (volume.IsNamed && !file.Volumes.Contains(volume.Source))
                yield return $"the volume {volume.Source} is not declared";
            if (!volume.IsNamed && !volume.ReadOnly)
                yield return $"it may write {volume.Source}";
            if (!volume.IsNamed && !mounted.Any(path => path == volume.Target || path.StartsWith(volume.Target + "/", StringComparison.Ordinal)))
                yield return $"{volume.Source} is not there";
        }

        if (State.TryGetValue(service.Repository, out var folder) && !service.Volumes.Any(volume => volume.IsNamed && volume.Target == folder))
            yield return $"what it has in {folder} would go with its container";

        var named = service.Texts.Concat(file.MountedFiles(service).SelectMany(one => one.Text.Split('"', ' ', '\n')));
        foreach (var path in named.Where(IsOurs).Distinct().Where(path => !mounted.Contains(path)))
            yield return $"{path} is not mounted";
    }

    /// <summary>No image has these.</summary>
    private static bool IsOurs(string path) =>
        path.StartsWith("/etc/redis/", StringComparison.Ordinal) || path.StartsWith("/etc/k8squeue/", StringComparison.Ordinal);
}
