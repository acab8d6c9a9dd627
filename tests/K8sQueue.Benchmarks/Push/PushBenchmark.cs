using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Quickstart.Run;
using K8sQueue.Quickstart.Stack;
using K8sQueue.Testing;

namespace K8sQueue.Benchmarks.Push;

/// <summary>Pools one after the other: a job, the time until the pod is there, and back to zero; at a random moment of KEDA's polling.</summary>
internal sealed class PushBenchmark(int rounds, int[] intervals, DirectoryInfo output, TextWriter writer)
{
    private const string Namespace = "default";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("k8squeue-bench-push-").FullName;
        await using var stack = await LocalStack.StartAsync(
            new StackOptions
            {
                Directory = directory,
                RedisPort = FreePort.Next(),
                ApiPort = FreePort.Next(),
                ClusterPort = FreePort.Next(),
                OperatorPort = FreePort.Next(),
                PushPort = FreePort.Next(),
            },
            cancellationToken);
        await stack.Kubectl.RunAsync(
            ["-n", Namespace, "create", "secret", "generic", "queue-redis", $"--from-literal=password={stack.RedisPassword}"],
            cancellationToken: cancellationToken);
        var report = new JsonObject { ["rounds"] = rounds };
        foreach (var (name, signal, seconds) in intervals.Select(s => ($"poll-{s}s", "Poll", s)).Prepend(($"push-{intervals.Min()}s", "Push", intervals.Min())))
        {
            var times = await MeasureAsync(stack, name, signal, seconds, cancellationToken);
            times.Sort();
            var (p50, p99) = (times[times.Count / 2], times[(int)Math.Ceiling(times.Count * 0.99) - 1]);
            writer.WriteLine($"{name,-10} p50 {p50,7:0.000} s   p99 {p99,7:0.000} s   max {times[^1],7:0.000} s   {times.Count} rounds");
            report[name] = new JsonObject { ["p50_s"] = Math.Round(p50, 3), ["p99_s"] = Math.Round(p99, 3), ["max_s"] = Math.Round(times[^1], 3) };
        }

        output.Create();
        await File.WriteAllTextAsync(
            Path.Combine(output.FullName, "bench-push.json"), report.ToJsonString(new JsonSerializerOptions { WriteIndented = true }), cancellationToken);
        return 0;
    }

    private async Task<List<double>> MeasureAsync(LocalStack stack, string pool, string signal, int seconds, CancellationToken cancellationToken)
    {
        using var client = stack.CreateClient();
        using var api = new QueueApi(stack.ApiUrl, stack.ApiKey);
        await stack.Kubectl.ApplyAsync(Pool(stack, pool, signal, seconds), cancellationToken);
        await stack.Kubectl.RunAsync(["wait", "--for=condition=ScalingReady", $"workerpool/{pool}", "--timeout=60s"], cancellationToken: cancellationToken);
        var times = new List<double>();
        while (times.Count < rounds)
        {
            await Task.Delay(TimeSpan.FromSeconds(1 + (Random.Shared.NextDouble() * seconds)), TimeProvider.System, cancellationToken);
            var started = Stopwatch.GetTimestamp();
            await api.EnqueueAsync(pool, "work", new JsonObject(), cancellationToken);
            await UntilAsync(client, pool, pods => pods > 0, cancellationToken);
            times.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
            await UntilAsync(client, pool, pods => pods == 0, cancellationToken);
        }

        await stack.Kubectl.RunAsync(["delete", "workerpool", pool, "--wait=true", "--timeout=60s"], cancellationToken: cancellationToken);
        return times;
    }

    private static async Task UntilAsync(KubernetesClient client, string pool, Func<int, bool> condition, CancellationToken cancellationToken)
    {
        var options = new ListOptions { LabelSelector = $"k8squeue.io/pool={pool}" };
        var started = Stopwatch.GetTimestamp();
        while (!condition((await client.ListAsync<V1Pod>(Namespace, options, cancellationToken)).Items.Count))
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
                throw new TimeoutException($"The pods of {pool} did not come or go within {Patience.TotalMinutes:0} minutes.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    private static string Pool(LocalStack stack, string name, string signal, int seconds) => $$$"""
        apiVersion: k8squeue.io/v1alpha1
        kind: WorkerPool
        metadata: {name: {{{name}}}, namespace: {{{Namespace}}}}
        spec:
          queues:
          - name: {{{name}}}
            jobsPerReplica: 20
            k8squeue:
              signal: {{{signal}}}
              redis: {address: "{{{stack.RedisAddress}}}", passwordSecretRef: {name: queue-redis, key: password}}
          scaling: {maxReplicas: 2, pollingIntervalSeconds: {{{seconds}}}, cooldownSeconds: 1, scaleDown: {stabilizationSeconds: 1}}
          drain: {timeoutSeconds: 5}
          template:
            spec:
              containers:
              - name: worker
                image: ghcr.io/k8squeue/worker:0.1.0-alpha
                env:
                - {name: K8SQUEUE_HANDLERS, value: '{"work": {"exec": {"command": ["/bin/true"]} } }'}
        """;
}
