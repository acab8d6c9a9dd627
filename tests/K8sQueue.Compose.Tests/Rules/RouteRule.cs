using System.Text.Json;
using K8sQueue.Compose.Tests.Model;
using K8sQueue.Worker.Hosting;

namespace K8sQueue.Compose.Tests.Rules;

/// <summary>Every queue that the API routes jobs to has a worker, and every type that comes to a worker has a handler there.</summary>
internal static class RouteRule
{
    private const string Any = "*";

    public static IEnumerable<string> Faults(Topology topology)
    {
        var workers = topology.Services.Where(pair => K8sQueueImage.Of(pair.File, pair.Service) is { IsWorker: true }).ToList();
        var routes = topology.Services.Where(pair => K8sQueueImage.Of(pair.File, pair.Service) is { IsWorker: false })
            .Select(pair => RoutesOf(pair.Service)).Distinct().ToList();
        if (routes.Count != 1)
            yield return "the APIs have different routes";
        var queues = Parse(routes[0]);
        var served = workers.SelectMany(pair => QueuesOf(pair.Service)).ToHashSet();
        foreach (var queue in queues.Values.Distinct().Where(queue => !served.Contains(queue)))
            yield return $"no worker has the queue {queue}";
        foreach (var (file, worker) in workers)
        {
            if (RoutesOf(worker) is { Length: > 0 } own && own != routes[0])
                yield return $"{worker.Name}: its routes are not the API's";
            var handled = HandledBy(file, worker);
            var mine = QueuesOf(worker).ToHashSet();
            var coming = queues.Where(route => mine.Contains(route.Value)).Select(route => route.Key).Concat(TypesOf(worker)).Distinct();
            foreach (var type in coming.Where(type => !handled.Contains(type) && !handled.Contains(Any)))
                yield return $"{worker.Name}: {type} has no handler";
        }
    }

    private static string RoutesOf(ComposeService service) => service.Environment.GetValueOrDefault(WorkerEnvironment.Routes) ?? "";

    private static string[] TypesOf(ComposeService worker) => List(worker, WorkerEnvironment.JobTypes);

    private static IEnumerable<string> QueuesOf(ComposeService worker)
    {
        var routes = Parse(RoutesOf(worker));
        return List(worker, WorkerEnvironment.Queues).Concat(TypesOf(worker).Select(type => routes.GetValueOrDefault(type) ?? routes[Any]));
    }

    private static HashSet<string> HandledBy(ComposeFile file, ComposeService worker)
    {
        var text = worker.Environment.GetValueOrDefault(WorkerEnvironment.Handlers)
            ?? file.MountedFiles(worker).Single(mounted => mounted.Path == worker.Environment[WorkerEnvironment.Handlers + "_FILE"]).Text;
        return [.. JsonDocument.Parse(text).RootElement.EnumerateObject().Select(entry => entry.Name)];
    }

    private static Dictionary<string, string> Parse(string routes) => routes.Length == 0
        ? []
        : JsonDocument.Parse(routes).RootElement.EnumerateObject().ToDictionary(route => route.Name, route => route.Value.GetString()!);

    private static string[] List(ComposeService service, string name) =>
        service.Environment.GetValueOrDefault(name)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
