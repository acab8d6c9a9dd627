using K8sQueue.Compose.Tests.Model;

namespace K8sQueue.Compose.Tests.Rules;

/// <summary>What is published is on loopback by default, and a port that its service exposes; a program of this repository exposes those of its image.</summary>
internal static class PortRule
{
    public static IEnumerable<string> Faults(Topology topology)
    {
        foreach (var (file, service) in topology.Services)
        {
            foreach (var port in service.Ports)
            {
                if (port.Address != "127.0.0.1")
                    yield return $"{service.Name}: port {port.Container} is published on '{port.Address}'";
                if (!service.Exposed.Contains(port.Container))
                    yield return $"{service.Name}: port {port.Container} is published and not exposed";
            }

            if (K8sQueueImage.Of(file, service) is { } own && service.Exposed.Except(own.Ports).ToList() is { Count: > 0 } others)
                yield return $"{service.Name}: {own.Program} does not listen on {string.Join(", ", others)}";
        }

        foreach (var port in topology.Services.SelectMany(pair => pair.Service.Ports).GroupBy(port => port.Host).Where(ports => ports.Count() > 1))
            yield return $"{topology.Name}: {port.Key} is published twice";
    }
}
