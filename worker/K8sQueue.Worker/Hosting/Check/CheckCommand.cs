using System.Text.Json;
using Microsoft.Extensions.Options;

namespace K8sQueue.Worker.Hosting.Check;

/// <summary>
/// <c>check</c>: one job goes in through the API, is run by a worker in this process, and its record says so. Shows that the API, its key
/// and its Redis are what workers have. The chart's <c>helm test</c> runs it.
/// </summary>
internal static class CheckCommand
{
    public const string Name = "check";

    /// <summary>Always the same one, so that checks leave nothing behind but its counters.</summary>
    public const string Queue = "k8squeue-check";

    private const string JobType = "k8squeue.check";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Answers one of <see cref="WorkerExit"/>; <see cref="WorkerExit.Failed"/> where the job was not done.</summary>
    public static async Task<int> RunAsync(IConfiguration environment, TextWriter output, TextWriter error)
    {
        try
        {
            var options = CheckOptions.From(environment);
            using var host = Build(environment);
            using var api = new CheckApi(options);
            await host.StartAsync();
            try
            {
                await output.WriteLineAsync(await RunJobAsync(api, options.Timeout, TimeProvider.System));
                return WorkerExit.Drained;
            }
            finally
            {
                await host.StopAsync();
            }
        }
        catch (CheckException e)
        {
            await error.WriteLineAsync($"k8squeue-worker: {Name}: {e.Message}");
            return WorkerExit.Failed;
        }
        catch (Exception e) when (e is WorkerConfigurationException or OptionsValidationException or FormatException)
        {
            await error.WriteLineAsync($"k8squeue-worker: {Name}: {e.Message}");
            return WorkerExit.Misconfigured;
        }
    }

    private static IHost Build(IConfiguration environment)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "k8squeue-check" });
        builder.Configuration.AddConfiguration(environment);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft", LogLevel.Warning).AddWorkerConsole(environment);
        builder.Services.AddRedisJobQueue(environment);
        builder.Services
            .AddK8sQueueWorker(worker =>
            {
                worker.Queues.Add(Queue);
                worker.Concurrency = 1;
                worker.ManagementPort = null;
                worker.DrainTimeout = TimeSpan.FromSeconds(5);
            })
            .AddHandler(JobType, static (context, _) =>
            {
                context.SetResult(context.Payload);
                return Task.CompletedTask;
            });
        return builder.Build();
    }

    private static async Task<string> RunJobAsync(CheckApi api, TimeSpan timeout, TimeProvider time)
    {
        var begin = time.GetTimestamp();
        using var bound = new CancellationTokenSource(timeout, time);
        var step = "the API was not reached";
        var nonce = Guid.NewGuid().ToString("N");
        try
        {
            var id = await PersistAsync(() => api.EnqueueAsync(Queue, JobType, nonce, bound.Token), said => step = said, time, bound.Token);
            while (true)
            {
                var record = await PersistAsync(() => api.GetAsync(id, bound.Token), said => step = said, time, bound.Token);
                var state = (string?)record["state"];
                if (state == "completed" && IsResult(record["result"]?.GetValue<JsonElement>(), nonce))
                    return $"{id} went in through the API and was done in {time.GetElapsedTime(begin).TotalSeconds:0.00} s.";
                if (state is "completed" or "dead" or "cancelled")
                    throw new CheckException($"{id} is {state}: {record.ToJsonString()}");
                step = $"{id} is in the API's queue ({state}) and did not come to this worker: are the API's Redis and its database those of K8SQUEUE_REDIS_ADDRESS?";
                await Task.Delay(Pause, time, bound.Token);
            }
        }
        catch (OperationCanceledException) when (bound.IsCancellationRequested)
        {
            throw new CheckException($"not done within {timeout.TotalSeconds:0} s: {step}");
        }
    }

    private static bool IsResult(JsonElement? result, string nonce) =>
        result is { ValueKind: JsonValueKind.String } text && text.GetString() == nonce;

    /// <summary>Again and again while the API can't be reached: it may be starting.</summary>
    private static async Task<T> PersistAsync<T>(Func<Task<T>> call, Action<string> say, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
            {
                say(e.Message);
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }
}
