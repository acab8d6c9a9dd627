using K8sQueue.Compose.Tests.Model;

namespace K8sQueue.Compose.Tests.Rules;

/// <summary>Whoever a service talks to is there, exposes that port, and is on a network that both are on.</summary>
internal static class AddressRule
{
    public static IEnumerable<string> Faults(Topology topology)
    {
        foreach (var (file, service) in topology.Services)
        {
            foreach (var network in service.Networks.Where(network => network != "default" && !file.Networks.Contains(network)))
                yield return $"{service.Name}: the network {network} is not declared";
            foreach (var (host, port) in Addresses.In(file, service))
            {
                var (otherFile, other) = topology.Services.FirstOrDefault(pair => pair.Service.Name == host);
                if (other is null)
                    yield return $"{service.Name}: {host}:{port} is nobody";
                else if (!other.Exposed.Contains(port))
                    yield return $"{service.Name}: {host} does not expose {port}";
                else if (!Shared(file, service).Intersect(Shared(otherFile, other)).Any())
                    yield return $"{service.Name}: no network leads to {host}";
            }
        }

        foreach (var file in topology.Files)
        {
            foreach (var network in file.Networks.Where(network => file.Services.All(service => !service.Networks.Contains(network))))
                yield return $"the network {network} has nobody";
        }
    }

    private static IEnumerable<string> Shared(ComposeFile file, ComposeService service) => service.Networks.Select(file.SharedName);
}
