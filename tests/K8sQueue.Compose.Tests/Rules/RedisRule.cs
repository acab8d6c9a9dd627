using K8sQueue.Compose.Tests.Model;

namespace K8sQueue.Compose.Tests.Rules;

/// <summary>A queue's Redis evicts nothing and keeps what it has; a cache evicts, keeps nothing, and is no queue's. Both fit their containers.</summary>
internal static class RedisRule
{
    private static readonly (string Name, string Value)[] OfQueues =
        [("maxmemory-policy", "noeviction"), ("appendonly", "yes"), ("appendfsync", "everysec"), ("dir", "/data")];

    private static readonly (string Name, string Value)[] OfCaches =
        [("maxmemory-policy", "allkeys-lru"), ("appendonly", "no"), ("save", "\"\"")];

    public static IEnumerable<string> Faults(Topology topology)
    {
        foreach (var (file, service) in topology.Services.Where(pair => pair.Service.Repository.EndsWith("/redis", StringComparison.Ordinal)))
        {
            var settings = Settings(file.MountedFiles(service).Single(mounted => mounted.Path == service.Command[1]).Text);
            var isCache = service.Name.Contains("cache", StringComparison.Ordinal);
            foreach (var (name, value) in isCache ? OfCaches : OfQueues)
            {
                if (settings.GetValueOrDefault(name) != value)
                    yield return $"{service.Name}: {name} is '{settings.GetValueOrDefault(name)}', not {value}";
            }

            if (!settings.ContainsKey("aclfile"))
                yield return $"{service.Name}: it lets everybody in";
            if (!isCache && !service.Volumes.Any(volume => volume.IsNamed && volume.Target == "/data"))
                yield return $"{service.Name}: its jobs would go with its container";

            // What is rewritten is in memory twice, at worst.
            if (Bytes(settings["maxmemory"]) * (isCache ? 1.5 : 2) > Bytes(service.MemoryLimit!))
                yield return $"{service.Name}: {settings["maxmemory"]} do not fit in {service.MemoryLimit}";
        }

        foreach (var (_, service) in topology.Services)
        {
            if (service.Environment.GetValueOrDefault("K8SQUEUE_REDIS_ADDRESS")?.Contains("cache", StringComparison.Ordinal) == true)
                yield return $"{service.Name}: its queue is in a cache";
        }
    }

    private static Dictionary<string, string> Settings(string text) => text.Split('\n')
        .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(' ', 2)).ToDictionary(pair => pair[0], pair => pair[1]);

    private static double Bytes(string text)
    {
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        return double.Parse(text[..digits], System.Globalization.CultureInfo.InvariantCulture) * (text[digits..].ToUpperInvariant() is "G" or "GB" ? 1024 : 1);
    }
}
