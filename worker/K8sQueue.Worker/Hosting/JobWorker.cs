using System.Security.Cryptography;
using K8sQueue.Core.Queues;
using K8sQueue.Worker.Capacity;
using K8sQueue.Worker.Execution;
using K8sQueue.Worker.Telemetry;
using Microsoft.Extensions.Options;

namespace K8sQueue.Worker.Hosting;

/// <summary>The hosted service: opens the consumer, runs the loops, and drains when the host stops.</summary>
internal sealed partial class JobWorker(
    IJobQueue queue,
    IOptions<WorkerOptions> options,
    FetchLoop fetchLoop,
    MaintenanceLoop maintenanceLoop,
    OutcomeFlusher flusher,
    ProgressReporter progress,
    FetchGate gate,
    WorkerDrain drain,
    LoadReporter load,
    WorkerHealth health,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<JobWorker> logger) : IHostedLifecycleService, IDisposable
{
    // The last step of a drain; see the bounds in WorkerDrain.
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _fetching = new();
    private readonly CancellationTokenSource _serving = new();
    private readonly TaskCompletionSource<IJobConsumer?> _consumer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<IJobConsumer?>? _opening;
    private Task _loops = Task.CompletedTask;

    /// <summary>Opens the consumer while the management port, which starts before the loops and stops after them, is being opened: that takes as long.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _opening = Task.Run(OpenAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Unready at once when a stop is asked for, and told of further signals, however many services stop before this one.
        lifetime.ApplicationStopping.Register(health.Drain);
        lifetime.ApplicationStopping.Register(drain.HastenOnSignal);
        _loops = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        health.Drain();
        var closed = gate.CloseAsync(CancellationToken.None);
        await _fetching.CancelAsync().ConfigureAwait(false);
        if (await _consumer.Task.WaitAsync(cancellationToken).ConfigureAwait(false) is { } consumer)
        {
            await drain.RunAsync(consumer, closed, cancellationToken).ConfigureAwait(false);
            await _serving.CancelAsync().ConfigureAwait(false);
            await EndAsync(consumer).ConfigureAwait(false);
        }
        else
        {
            await _loops.ConfigureAwait(false);
        }
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _fetching.Dispose();
        _serving.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            if (await (_opening ?? OpenAsync()).ConfigureAwait(false) is not { } consumer)
                return;
            Task[] loops =
            [
                Quietly(fetchLoop.RunAsync(consumer, _fetching.Token)),
                Quietly(flusher.RunAsync(consumer, _serving.Token)),
                Quietly(progress.RunAsync(consumer, _serving.Token)),
                Quietly(maintenanceLoop.RunAsync(_serving.Token)),
            ];
            await foreach (var ended in Task.WhenEach(loops).ConfigureAwait(false))
                await ended.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            var misconfigured = e is JobQueueConfigurationException;
            if (misconfigured)
                Log.Misconfigured(logger, e.Message);
            else
                Log.Crashed(logger, e);
            health.BrokerFailed(e.Message);
            Environment.ExitCode = misconfigured ? WorkerExit.Misconfigured : WorkerExit.Failed;
            lifetime.StopApplication();
        }
    }

    // All may wait for a broker that swallows every call; the process ends all the same.
    private async Task EndAsync(IJobConsumer consumer)
    {
        try
        {
            await Task.WhenAll(consumer.DisposeAsync().AsTask(), _loops, load.ReportAsync(CancellationToken.None))
                .WaitAsync(EndBound, time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.NotEnded(logger, EndBound);
        }
    }

    private async Task<IJobConsumer?> OpenAsync()
    {
        var settings = new JobConsumerOptions { Queues = [.. options.Value.Queues], Name = $"{options.Value.Name}.{BootId()}" };
        var backoff = BrokerBackoff.Create(time, (e, delay) =>
        {
            // No maintenance runs yet to show that the worker turns.
            health.Turned();
            health.BrokerFailed(e.Message);
            Log.OpenFailed(logger, delay, e.Message);
        });
        try
        {
            var consumer = await backoff.ExecuteAsync(
                token => queue.OpenConsumerAsync(settings, token), _fetching.Token).ConfigureAwait(false);
            gate.Attach(consumer);
            health.Opened();
            _consumer.TrySetResult(consumer);
            Log.Opened(logger, settings.Name, string.Join(", ", settings.Queues), options.Value.Concurrency);
            return consumer;
        }
        catch (OperationCanceledException) when (_fetching.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            // Where it was not opened: a stop does not wait for it.
            _consumer.TrySetResult(null);
        }
    }

    private static string BootId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));

    private static async Task Quietly(Task loop)
    {
        try
        {
            await loop.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // How a loop ends.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Worker {Name} reads {Queues} with concurrency {Concurrency}")]
        public static partial void Opened(ILogger logger, string name, string queues, int concurrency);

        [LoggerMessage(2, LogLevel.Warning, "The broker can't be reached and is tried again in {Delay}: {Message}")]
        public static partial void OpenFailed(ILogger logger, TimeSpan delay, string message);

        [LoggerMessage(3, LogLevel.Critical, "The broker's configuration could lose jobs, so the worker stops: {Message}")]
        public static partial void Misconfigured(ILogger logger, string message);

        [LoggerMessage(4, LogLevel.Critical, "A loop of the worker failed, so the worker stops")]
        public static partial void Crashed(ILogger logger, Exception exception);

        [LoggerMessage(5, LogLevel.Warning, "A call to the broker did not end within {Bound}; the worker ends without it")]
        public static partial void NotEnded(ILogger logger, TimeSpan bound);
    }
}
