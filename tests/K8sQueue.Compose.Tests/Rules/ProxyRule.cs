using K8sQueue.Compose.Tests.Model;

namespace K8sQueue.Compose.Tests.Rules;

/// <summary>An API behind a proxy believes it who asks and by which scheme, and is published by it alone; the proxy passes the host on with its port.</summary>
internal static class ProxyRule
{
    private const string Variable = "K8SQUEUE_TRUSTED_PROXIES";

    public static IEnumerable<string> Faults(Topology topology)
    {
        var apis = topology.Services.Where(pair => K8sQueueImage.Of(pair.File, pair.Service) is { IsWorker: false }).Select(pair => pair.Service).ToList();
        foreach (var (file, proxy) in topology.Services.Where(pair => pair.Service.Ports.Count > 0))
        {
            var behind = Addresses.In(file, proxy).Select(address => address.Host).ToHashSet();
            foreach (var api in apis.Where(api => behind.Contains(api.Name)))
            {
                if (!api.Environment.ContainsKey(Variable))
                    yield return $"{api.Name}: it takes {proxy.Name} for whoever asks: it has no {Variable}";
                if (api.Ports.Count > 0)
                    yield return $"{api.Name}: it is published beside {proxy.Name}";
            }

            if (file.MountedFiles(proxy).Any(mounted => mounted.Text.Contains("Host $host;", StringComparison.Ordinal)))
                yield return $"{proxy.Name}: it passes the host on without its port";
        }
    }
}
