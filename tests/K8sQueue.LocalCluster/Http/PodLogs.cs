using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Http;

/// <summary>Serves the files that the kubelet writes a container's output to.</summary>
internal sealed class PodLogs(ApiServerOptions options, IClusterApi api, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private static readonly TimeSpan FollowInterval = TimeSpan.FromMilliseconds(200);

    /// <exception cref="ClusterApiException">BadRequest: no such container, or it has not started.</exception>
    public async Task WriteAsync(HttpContext context, JsonObject pod)
    {
        var container = Container(context.Request, pod);
        var file = Path.Combine(options.DataDirectory, "pods", $"{pod.Namespace()}_{pod.Name()}_{pod.Uid()}", $"{container}.log");
        if (!File.Exists(file))
        {
            throw ApiErrors.BadRequest(
                $"container \"{container}\" in pod \"{pod.Name()}\" is waiting to start: {Waiting(pod, container)}");
        }

        context.Response.ContentType = "text/plain";
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (RequestOptions.Number(context.Request, "tailLines") is { } lines)
            SeekTail(stream, lines);
        var limit = RequestOptions.Number(context.Request, "limitBytes");
        await CopyAsync(stream, context, limit);
        if (!RequestOptions.Flag(context.Request, "follow") || limit is not null)
            return;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        while (!end.IsCancellationRequested)
        {
            var ended = HasEnded(pod, container);
            await CopyAsync(stream, context, null);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            if (ended)
                return;
            await Task.Delay(FollowInterval, time, end.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private static string Container(HttpRequest request, JsonObject pod)
    {
        var asked = request.Query["container"].ToString();
        var containers = pod.ListAt("spec", "containers")?.Select(c => c.TextAt("name")).OfType<string>().ToList() ?? [];
        var all = (pod.ListAt("spec", "initContainers")?.Select(c => c.TextAt("name")).OfType<string>() ?? []).Concat(containers);
        if (asked.Length > 0)
            return all.Contains(asked) ? asked : throw ApiErrors.BadRequest($"container {asked} is not valid for pod {pod.Name()}");
        return containers.Count == 1
            ? containers[0]
            : throw ApiErrors.BadRequest($"a container name must be specified for pod {pod.Name()}, choose one of: [{string.Join(' ', containers)}]");
    }

    private bool HasEnded(JsonObject pod, string container)
    {
        var now = api.Get(GroupResource.Pods, pod.Namespace(), pod.Name());
        return now is null || now.Uid() != pod.Uid() || now.TextAt("status", "phase") is "Succeeded" or "Failed"
            || Status(now, container).At("state", "terminated") is not null;
    }

    private static string Waiting(JsonObject pod, string container) =>
        Status(pod, container).TextAt("state", "waiting", "reason") ?? "ContainerCreating";

    private static JsonNode? Status(JsonObject pod, string container) =>
        pod.ListAt("status", "containerStatuses")?.FirstOrDefault(s => s.TextAt("name") == container);

    private static async Task CopyAsync(FileStream stream, HttpContext context, long? limit)
    {
        var buffer = new byte[16 * 1024];
        var left = limit ?? long.MaxValue;
        int read;
        while (left > 0 && (read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), context.RequestAborted)) > 0)
        {
            left -= read;
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
        }
    }

    /// <summary>Moves to the start of the last lines.</summary>
    private static void SeekTail(FileStream stream, long lines)
    {
        var position = stream.Length;
        var found = -1L;
        var buffer = new byte[1];
        while (position > 0)
        {
            stream.Position = position - 1;
            stream.ReadExactly(buffer);
            if (buffer[0] == (byte)'\n' && position != stream.Length && ++found >= lines - 1)
                break;
            position--;
        }

        stream.Position = lines <= 0 ? stream.Length : position;
    }
}
