using System.Globalization;
using System.Reflection;
using System.Threading.Channels;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace K8sQueue.Kubernetes.Events;

/// <summary>
/// Writes events (events.k8s.io/v1) from a bounded queue, beside the reconciliations: publishing never waits and never fails. What does not fit
/// into the queue is dropped, and said so once a minute.
/// </summary>
public sealed partial class EventRecorder : BackgroundService
{
    /// <summary>Events that wait to be written; more are dropped.</summary>
    public const int Capacity = 1000;

    private const int MaxNote = 1024;
    private const int MaxInstance = 128;

    private readonly Channel<V1Event> _queue;
    private readonly EventWriter _writer;
    private readonly string _controller;
    private readonly string _instance = Shorten(Environment.MachineName, MaxInstance);
    private readonly TimeProvider _time;
    private readonly ILogger<EventRecorder> _logger;
    private int _dropped;

    public EventRecorder(IKubernetesClient client, IOptions<OperatorOptions> options, TimeProvider time, ILogger<EventRecorder> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        _controller = options.Value.Name;
        _time = time;
        _logger = logger;
        _writer = new EventWriter(client, time, logger);
        _queue = Channel.CreateBounded<V1Event>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true },
            _ => Interlocked.Increment(ref _dropped));
    }

    /// <summary>Queues an event; the <see cref="EventPublisher"/> of the operator.</summary>
    public Task PublishAsync(
        IKubernetesObject entity, string reason, string message, EventType type = EventType.Normal, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entity);
        var now = _time.GetUtcNow();
        var name = entity.Metadata.Name ?? "unknown";
        _queue.Writer.TryWrite(new V1Event
        {
            Metadata = new V1ObjectMeta
            {
                Name = string.Create(CultureInfo.InvariantCulture, $"{Shorten(name, 200)}.{now.Ticks:x}{Random.Shared.Next(0x1000):x3}"),
                Namespace = entity.Metadata.Namespace ?? "default",
            },
            EventTime = now,
            ReportingController = _controller,
            ReportingInstance = _instance,
            Action = "Reconcile",
            Reason = reason,
            Note = Shorten(message, MaxNote),
            Type = type.ToString(),
            Regarding = Reference(entity),
        });
        return Task.CompletedTask;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var sweep = new PeriodicTimer(EventWriter.SweepInterval, _time);
        var tick = sweep.WaitForNextTickAsync(stoppingToken).AsTask();
        var ready = _queue.Reader.WaitToReadAsync(stoppingToken).AsTask();
        try
        {
            while (true)
            {
                await Task.WhenAny(tick, ready).ConfigureAwait(false);
                if (tick.IsCompleted)
                {
                    await tick.ConfigureAwait(false);
                    await SweepAsync(stoppingToken).ConfigureAwait(false);
                    tick = sweep.WaitForNextTickAsync(stoppingToken).AsTask();
                }

                if (ready.IsCompleted)
                {
                    await ready.ConfigureAwait(false);
                    while (_queue.Reader.TryRead(out var value))
                        await _writer.WriteAsync(value, stoppingToken).ConfigureAwait(false);
                    ready = _queue.Reader.WaitToReadAsync(stoppingToken).AsTask();
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left is news of yesterday.
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
            Log.Dropped(_logger, dropped);
        await _writer.SweepAsync(cancellationToken).ConfigureAwait(false);
    }

    private static V1ObjectReference Reference(IKubernetesObject entity)
    {
        var attribute = entity.GetType().GetCustomAttribute<KubernetesEntityAttribute>();
        var apiVersion = attribute is null or { Group: "" } ? attribute?.ApiVersion : $"{attribute.Group}/{attribute.ApiVersion}";
        return new V1ObjectReference
        {
            ApiVersion = entity.ApiVersion ?? apiVersion,
            Kind = entity.Kind ?? attribute?.Kind,
            Namespace = entity.Metadata.Namespace,
            Name = entity.Metadata.Name,
            Uid = entity.Metadata.Uid,
            ResourceVersion = entity.Metadata.ResourceVersion,
        };
    }

    private static string Shorten(string text, int max) => text.Length <= max ? text : text[..max];

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Count} events were dropped: more came than could be written.")]
        public static partial void Dropped(ILogger logger, int count);
    }
}
