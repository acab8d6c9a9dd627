using K8sQueue.Compose.Tests.Model;

namespace K8sQueue.Compose.Tests.Rules;

/// <summary>A container may write nothing but its volumes, has no capability, no way to more of them, and bounds.</summary>
internal static class HardeningRule
{
    // Their programs own folders of the image as root. They have none of root's capabilities.
    private static readonly string[] MayBeRoot = ["docker.io/library/caddy", "quay.io/minio/minio"];

    private static readonly string[] Forbidden = ["privileged", "network_mode", "pid", "ipc", "devices", "userns_mode", "env_file"];

    public static IEnumerable<string> Faults(Topology topology)
    {
        foreach (var (file, service) in topology.Services)
        {
            foreach (var fault in Faults(file, service))
                yield return $"{service.Name}: {fault}";
        }
    }

    private static IEnumerable<string> Faults(ComposeFile file, ComposeService service)
    {
        if (service.Text("read_only") != "true")
            yield return "its file system can be written";
        if (service.List("cap_drop") is not ["ALL"])
            yield return "it keeps capabilities";
        if (service.List("cap_add").Except(service.Repository == "docker.io/library/caddy" ? ["NET_BIND_SERVICE"] : []).ToList() is { Count: > 0 } added)
            yield return $"it gets {string.Join(", ", added)}";
        if (!service.List("security_opt").Contains("no-new-privileges:true"))
            yield return "it may get new privileges";
        if (service.MemoryLimit is null)
            yield return "its memory has no limit";
        if (service.Text("restart") != "unless-stopped")
            yield return "it is not started again";
        if (!service.Has("logging"))
            yield return "its log has no bound";
        foreach (var field in Forbidden.Where(service.Has))
            yield return $"it has '{field}'";
        if (K8sQueueImage.Of(file, service) is null && !MayBeRoot.Contains(service.Repository) && service.Text("user") is not { Length: > 0 })
            yield return "it may be root";
        if (service.Text("user")?.StartsWith('0') == true)
            yield return "it is root";
        if (K8sQueueImage.Of(file, service) is not null && !service.Tmpfs.Contains("/tmp"))
            yield return "it has no /tmp";
        if (service.Volumes.Any(volume => volume.Source.Contains("docker.sock", StringComparison.Ordinal)))
            yield return "it has Docker's socket";
    }
}
