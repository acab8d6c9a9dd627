using K8sQueue.Core.Redis;
using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Controllers;
using K8sQueue.Operator.Push.Activation;
using K8sQueue.Operator.Push.Backlogs;
using K8sQueue.Operator.Push.Grpc;
using K8sQueue.Operator.Push.Protocol;

namespace K8sQueue.Operator.Push;

/// <summary>
/// Answers KEDA. The caller's namespace comes from its certificate; the pool from the operator's cache; of the trigger's metadata only the
/// queue's name is read, and it chooses among that pool's own queues.
/// </summary>
internal sealed class ExternalScalerService(PoolStores stores, OperatorStatus status, BacklogSources sources, TimeProvider time)
{
    /// <summary>The key of the trigger's metadata that names the queue.</summary>
    public const string QueueKey = "queue";

    /// <summary>KEDA has one stream a trigger; a few more while it changes over.</summary>
    private const int MostStreamsPerSource = 10_000;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);

    public async Task<IsActiveResponse> IsActiveAsync(string caller, ScaledObjectRef reference, CancellationToken cancellationToken) =>
        new() { Result = (await ReadAsync(Find(caller, reference), cancellationToken).ConfigureAwait(false)).Jobs > 0 };

    public GetMetricSpecResponse GetMetricSpec(string caller, ScaledObjectRef reference)
    {
        var queue = Find(caller, reference);
        var target = queue.Spec.JobsPerReplica ?? 1;
        var spec = new MetricSpec { MetricName = queue.MetricName, TargetSize = target, TargetSizeFloat = target };
        return new GetMetricSpecResponse { MetricSpecs = { spec } };
    }

    public async Task<GetMetricsResponse> GetMetricsAsync(string caller, GetMetricsRequest request, CancellationToken cancellationToken)
    {
        var queue = Find(caller, request.ScaledObjectRef);
        if (request.MetricName != queue.MetricName)
            throw new GrpcException(GrpcStatusCode.NotFound, $"The queue '{queue.Spec.Name}' has the metric '{queue.MetricName}' only.");
        var jobs = (await ReadAsync(queue, cancellationToken).ConfigureAwait(false)).Jobs;
        var value = new MetricValue { MetricName = queue.MetricName, MetricValue_ = jobs, MetricValueFloat = jobs };
        return new GetMetricsResponse { MetricValues = { value } };
    }

    /// <summary>
    /// Tells KEDA each time that the pool is at zero and has work: the only thing that it acts upon. Ends well by itself, when the pool or its
    /// queue has changed, and at the token of <paramref name="shutdown"/>.
    /// </summary>
    public async Task StreamIsActiveAsync(
        string caller, ScaledObjectRef reference, Func<IsActiveResponse, Task> write, CancellationToken shutdown, CancellationToken cancellationToken)
    {
        var queue = Find(caller, reference);
        var stream = new StreamSubscription(queue.Spec.Name, () => IsAtZero(queue), time);
        var lifetime = new StreamLifetime(time, Random.Shared.NextDouble());
        using var subscription = Subscribe(queue.Source, stream);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(shutdown, cancellationToken);
        while (!end.IsCancellationRequested && IsSame(queue) && !lifetime.IsOver(IsAtZero(queue)))
        {
            if (!await NextAsync(stream, end.Token).ConfigureAwait(false))
                continue;
            await write(new IsActiveResponse { Result = true }).ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private IDisposable Subscribe(BacklogSourceKey key, StreamSubscription stream)
    {
        while (true)
        {
            var source = sources.Of(key);
            if (source.Streams >= MostStreamsPerSource)
                throw new GrpcException(GrpcStatusCode.ResourceExhausted, $"There are {MostStreamsPerSource} streams on {key.Address} already.");
            if (source.TryAdd(stream) is { } subscription)
                return subscription;
        }
    }

    /// <summary>False where there is nothing to say, but something else to look at.</summary>
    private async Task<bool> NextAsync(StreamSubscription stream, CancellationToken end)
    {
        using var look = new CancellationTokenSource(Look, time);
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(end, look.Token);
        try
        {
            return await stream.Activations.ReadAsync(wait.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<QueueBacklog> ReadAsync(PushedQueue queue, CancellationToken cancellationToken)
    {
        try
        {
            return await sources.Of(queue.Source).ReadAsync(queue.Spec.Name, cancellationToken).ConfigureAwait(false);
        }
        catch (BacklogUnavailableException e)
        {
            // An error is no zero: KEDA counts it towards the fallback.
            throw new GrpcException(GrpcStatusCode.Unavailable, e.Message, e);
        }
    }

    private PushedQueue Find(string caller, ScaledObjectRef? reference)
    {
        var key = new NamespacedName(reference?.Namespace ?? "", reference?.Name ?? "");
        if (key.Namespace != caller)
            throw new GrpcException(GrpcStatusCode.PermissionDenied, $"The certificate is for the namespace '{caller}', not for '{key.Namespace}'.");
        if (!status.HasSynced)
            throw new GrpcException(GrpcStatusCode.Unavailable, "The operator is starting.");
        var name = reference!.ScalerMetadata.GetValueOrDefault(QueueKey) ?? "";
        return PushedQueue.Find(stores, key, name)
            ?? throw new GrpcException(GrpcStatusCode.NotFound, $"There is no WorkerPool {key} with a pushed queue '{name}'.");
    }

    private bool IsAtZero(PushedQueue queue) => stores.Pools.Get(queue.PoolKey) is { Spec.Replicas: 0 };

    private bool IsSame(PushedQueue queue) => PushedQueue.Find(stores, queue.PoolKey, queue.Spec.Name)?.Source == queue.Source;
}
