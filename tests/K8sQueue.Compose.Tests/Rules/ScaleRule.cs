using K8sQueue.Compose.Tests.Model;

namespace K8sQueue.Compose.Tests.Rules;

/// <summary>Workers can be scaled: nothing of theirs is there but once.</summary>
internal static class ScaleRule
{
    private static readonly string[] Unique = ["container_name", "hostname", "ports"];

    public static IEnumerable<string> Faults(Topology topology)
    {
        foreach (var (file, service) in topology.Services.Where(pair => K8sQueueImage.Of(pair.File, pair.Service) is { IsWorker: true }))
        {
            foreach (var field in Unique.Where(service.Has))
                yield return $"{service.Name}: with '{field}' there can be only one";
            if (service.Volumes.Any(volume => volume.IsNamed))
                yield return $"{service.Name}: it keeps something in a volume";
        }

        if (topology.Name == "simple" && topology.Services.Single(pair => pair.Service.Name == "worker").Service.Replicas != 3)
            yield return "worker: there are not three";
    }
}
