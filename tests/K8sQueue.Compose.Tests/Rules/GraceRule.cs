using K8sQueue.Compose.Tests.Model;
using K8sQueue.Worker.Hosting;
using Microsoft.Extensions.Configuration;

namespace K8sQueue.Compose.Tests.Rules;

/// <summary>Nobody is killed who is still finishing: a worker has its drain and the margin, the others what their servers take.</summary>
internal static class GraceRule
{
    // .NET's host waits 30 seconds for requests; Redis and PostgreSQL write what they have.
    private static readonly Dictionary<string, TimeSpan> Least = new()
    {
        ["ghcr.io/k8squeue/api"] = TimeSpan.FromSeconds(35),
        ["docker.io/library/redis"] = TimeSpan.FromSeconds(10),
        ["docker.io/library/postgres"] = TimeSpan.FromSeconds(30),
        ["docker.io/library/rabbitmq"] = TimeSpan.FromSeconds(30),
    };

    public static IEnumerable<string> Faults(Topology topology)
    {
        foreach (var (file, service) in topology.Services)
        {
            if (service.StopGracePeriod is not { } grace)
            {
                yield return $"{service.Name}: it has no grace period";
                continue;
            }

            var needed = K8sQueueImage.Of(file, service) is { IsWorker: true } ? Drain(service) : Least.GetValueOrDefault(service.Repository);
            if (grace < needed)
                yield return $"{service.Name}: it is killed after {grace.TotalSeconds} s, and may take {needed.TotalSeconds} s";
        }
    }

    private static TimeSpan Drain(ComposeService service) => new WorkerOptions().Bind(new ConfigurationBuilder()
        .AddInMemoryCollection([new(WorkerEnvironment.DrainTimeout, service.Environment.GetValueOrDefault(WorkerEnvironment.DrainTimeout))]).Build())
        .DrainTimeout + WorkerOptions.DrainMargin;
}
