using K8sQueue.Compose.Tests.Model;

namespace K8sQueue.Compose.Tests.Rules;

/// <summary>A service waits for the health of what it talks to in its file, and for nothing that is not there.</summary>
internal static class DependencyRule
{
    // These answer "not now", and go on by themselves.
    private static readonly string[] Optional = ["app"];

    public static IEnumerable<string> Faults(Topology topology)
    {
        foreach (var (file, service) in topology.Services)
        {
            foreach (var (name, condition) in service.DependsOn)
            {
                if (file.Services.All(other => other.Name != name))
                    yield return $"{service.Name}: it depends on {name}, which is not there";
                if (condition != "service_healthy")
                    yield return $"{service.Name}: it does not wait for the health of {name}";
                if (Reaches(file, name, service.Name, 0))
                    yield return $"{service.Name}: it waits for itself by way of {name}";
            }

            foreach (var name in Addresses.In(file, service).Select(address => address.Host).Distinct())
            {
                if (file.Services.Any(other => other.Name == name) && !service.DependsOn.ContainsKey(name) && !Optional.Contains(name))
                    yield return $"{service.Name}: it talks to {name} and does not wait for it";
            }
        }
    }

    private static bool Reaches(ComposeFile file, string from, string to, int steps) =>
        from == to || (steps < file.Services.Count
            && file.Services.Where(service => service.Name == from).SelectMany(service => service.DependsOn.Keys).Any(next => Reaches(file, next, to, steps + 1)));
}
