using K8sQueue.Compose.Tests.Model;
using K8sQueue.Core.Health;

namespace K8sQueue.Compose.Tests.Rules;

/// <summary>Every service has a health check; a program of this repository asks itself, with the time that it takes for it.</summary>
internal static class HealthRule
{
    public static IEnumerable<string> Faults(Topology topology)
    {
        foreach (var (file, service) in topology.Services)
        {
            if (service.HealthTest is not ["CMD", _, ..])
            {
                yield return $"{service.Name}: it has no health check without a shell";
                continue;
            }

            if (service.HealthInterval is null || service.HealthTimeout is null)
                yield return $"{service.Name}: its health check has no times";
            if (K8sQueueImage.Of(file, service) is not { } own)
            {
                foreach (var fault in UrlFaults(service))
                    yield return $"{service.Name}: {fault}";
                continue;
            }

            string[] expected = ["CMD", .. own.EntryPoint, HealthProbe.Command];
            if (!service.HealthTest.SequenceEqual(expected))
                yield return $"{service.Name}: its health check is not: {string.Join(' ', expected)}";
            if (service.HealthTimeout <= HealthProbe.Timeout)
                yield return $"{service.Name}: its health check takes up to {HealthProbe.Timeout.TotalSeconds} s, and has less";
        }
    }

    private static IEnumerable<string> UrlFaults(ComposeService service) => service.HealthTest
        .Where(word => word.StartsWith("http", StringComparison.Ordinal)).Select(word => new Uri(word))
        .Where(url => url.Host != "127.0.0.1" || !service.Exposed.Contains(url.Port)).Select(url => $"its health check asks {url}, which it does not expose");
}
