using System.Globalization;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Quickstart.Stack;
using Spectre.Console;

namespace K8sQueue.Quickstart.Run;

/// <summary>The run itself: apply, enqueue, watch 0 -> n -> 0, then check what happened.</summary>
public sealed class QuickstartRun(LocalStack stack, IKubernetesClient kubernetes, WorkEndpoint endpoint, QuickstartOptions options, TimeProvider time)
{
    private static readonly TimeSpan ObservationInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Runs to the end; true where every check holds.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        await ApplyAsync(cancellationToken);
        using var api = new QueueApi(stack.ApiUrl, stack.ApiKey);
        await using var connections = new ConnectionSampler(stack.RedisPort, stack.RedisPassword, $"{QuickstartJobs.Queue}-");
        var observer = new PoolObserver(kubernetes, api, connections, time);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var enqueue = EnqueueAllAsync(api, stop.Token);
        string[] ids;
        try
        {
            await WatchAsync(observer, enqueue, stop.Token);
            ids = await enqueue;
        }
        finally
        {
            await stop.CancelAsync();
            await ((Task)enqueue).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        var facts = await CollectAsync(api, observer, connections, ids, cancellationToken);
        return Print(RunSummary.Of(facts));
    }

    private async Task ApplyAsync(CancellationToken cancellationToken)
    {
        await stack.Kubectl.ApplyAsync(
            new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Secret",
                ["metadata"] = new JsonObject { ["name"] = "queue-redis" },
                ["stringData"] = new JsonObject { ["password"] = stack.RedisPassword },
            }.ToJsonString(),
            cancellationToken);
        var sample = Path.Combine(RepositoryLayout.Root, "samples", "quickstart.yaml");
        Console.Write(await stack.Kubectl.RunAsync(["apply", "-f", sample], cancellationToken: cancellationToken));
    }

    private async Task<string[]> EnqueueAllAsync(QueueApi api, CancellationToken cancellationToken)
    {
        var ids = new string[options.Jobs];
        await Parallel.ForAsync(
            0,
            options.Jobs,
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken },
            async (i, token) =>
            {
                var job = QuickstartJobs.Of(i);
                ids[i] = await api.EnqueueAsync(QuickstartJobs.Queue, job.Type, job.Payload, token);
            });
        return ids;
    }

    private async Task WatchAsync(PoolObserver observer, Task enqueue, CancellationToken cancellationToken)
    {
        if (Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Interactive)
        {
            await ObserveUntilZeroAsync(observer, enqueue, new PlainView(), cancellationToken);
            return;
        }

        await AnsiConsole.Live(TableView.NewTable())
            .StartAsync(context => ObserveUntilZeroAsync(observer, enqueue, new TableView(context), cancellationToken));
    }

    private async Task ObserveUntilZeroAsync(PoolObserver observer, Task enqueue, ILiveView view, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            if (enqueue.IsFaulted)
                await enqueue;
            stack.ThrowIfAnyExited();
            var moment = await observer.ObserveAsync(cancellationToken);
            view.Show(moment);
            var finished = enqueue.IsCompleted && moment is { Backlog: 0, Granted: 0, Running: 0, Desired: 0, Draining: 0, Connections: 0 };
            if (finished && moment.Done + moment.Failed >= options.Jobs)
                return;
            if (time.GetElapsedTime(start) > options.Limit)
                throw new QuickstartException($"The run did not end within {options.Limit.TotalSeconds} s. The logs are in {options.Directory}/logs.");
            await Task.Delay(ObservationInterval, time, cancellationToken);
        }
    }

    private async Task<RunFacts> CollectAsync(
        QueueApi api, PoolObserver observer, ConnectionSampler connections, string[] ids, CancellationToken cancellationToken)
    {
        int completed = 0, right = 0, http = 0, httpSeen = 0;
        await Parallel.ForAsync(
            0,
            ids.Length,
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken },
            async (i, token) =>
            {
                var expected = QuickstartJobs.Of(i);
                var record = await api.GetJobAsync(ids[i], token);
                if (string.Equals(record?["state"]?.GetValue<string>(), "completed", StringComparison.OrdinalIgnoreCase))
                    Interlocked.Increment(ref completed);
                if (JsonNode.DeepEquals(record?["result"], expected.Result))
                    Interlocked.Increment(ref right);
                if (expected.Type == QuickstartJobs.HttpType)
                {
                    Interlocked.Increment(ref http);
                    if (endpoint.Served(ids[i]))
                        Interlocked.Increment(ref httpSeen);
                }
            });
        var queue = await api.GetFiguresAsync(QuickstartJobs.Queue, cancellationToken);
        var moment = await observer.ObserveAsync(cancellationToken);
        return new RunFacts
        {
            Enqueued = ids.Length,
            RecordedCompleted = completed,
            RightResults = right,
            HttpJobs = http,
            HttpJobsSeen = httpSeen,
            HttpCalls = endpoint.Calls,
            Started = queue.Started,
            Completed = queue.Completed,
            Retried = queue.Retried,
            Recovered = queue.Recovered,
            Released = queue.Released,
            Buried = queue.Buried,
            Remaining = queue.Backlog + queue.Delayed,
            PeakConnections = connections.Peak,
            Budget = observer.BudgetConnections,
            PeakReady = observer.PeakReady,
            ExpectedPeak = observer.ExpectedPeak,
            FinalReplicas = moment.Running,
        };
    }

    private bool Print(IReadOnlyList<Check> checks)
    {
        Console.WriteLine();
        foreach (var check in checks)
            Console.WriteLine($"  {(check.Holds ? "ok  " : "FAIL")}  {check.Claim} ({check.Numbers})");
        var holds = checks.All(c => c.Holds);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"\n{(holds ? "All checks hold" : "Some checks do NOT hold")}, after {time.GetElapsedTime(options.Started).TotalSeconds:0} s."));
        return holds;
    }
}
