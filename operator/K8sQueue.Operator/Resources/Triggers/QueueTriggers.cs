using System.Globalization;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Push;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Resources.Triggers;

/// <summary>A queue as KEDA sees it. Pure: a file a kind, beside this one.</summary>
/// <param name="Triggers">Named <c>q0</c>, <c>q0_wait</c>, ...: names of KEDA's expression language, unique within a pool.</param>
/// <param name="Term">The term of the formula that counts its jobs.</param>
/// <param name="Signal">Whether jobs that run are counted.</param>
internal sealed record QueueTriggers(IReadOnlyList<ScaledObjectTrigger> Triggers, string Term, SignalCompleteness Signal)
{
    /// <summary>What the scalers need to log in; null where they need nothing.</summary>
    public TriggerAuthenticationSpec? Authentication { get; init; }

    /// <summary>Those of every queue of a pool, in its order.</summary>
    /// <param name="push">What pushed queues need; null polls them.</param>
    public static IReadOnlyList<QueueTriggers> OfAll(string pool, IReadOnlyList<QueueSpec> queues, PushTriggers? push)
    {
        var hashes = new HashSet<(string, int, string)>();
        return [.. queues.Select((queue, index) =>
            Of(pool, queue, index, push, queue.Celery is not { UnackedIsOwn: true } celery || hashes.Add(CeleryTriggers.UnackedOf(celery))))];
    }

    private static QueueTriggers Of(string pool, QueueSpec queue, int index, PushTriggers? push, bool countsUnacked)
    {
        if (push is not null && PushedTriggers.IsPushed(queue))
            return PushedTriggers.Of(pool, queue, index, push);
        var made = Of(queue, new TriggerNames(index), countsUnacked);
        if (made.Authentication is null)
            return made;
        var reference = new KedaAuthenticationReference { Name = ChildMetadata.TriggerAuthenticationName(pool, index) };
        foreach (var trigger in made.Triggers)
            trigger.AuthenticationRef = reference;
        return made;
    }

    /// <summary>How many jobs call for a replica, as KEDA reads it.</summary>
    internal static string PerReplica(QueueSpec queue) => (queue.JobsPerReplica ?? 1).ToString(CultureInfo.InvariantCulture);

    private static QueueTriggers Of(QueueSpec queue, TriggerNames names, bool countsUnacked) => queue switch
    {
        { K8squeue: { } native } => NativeTriggers.Of(queue, native, names),
        { Bullmq: { } bullmq } => BullMqTriggers.Of(queue, bullmq, names),
        { Celery: { } celery } => CeleryTriggers.Of(queue, celery, names, countsUnacked),
        { Sidekiq: { } sidekiq } => SidekiqTriggers.Of(queue, sidekiq, names),
        { RedisList: { } list } => RedisListTriggers.Of(queue, list, names),
        { RedisStream: { } stream } => RedisStreamTriggers.Of(queue, stream, names),
        { Rabbitmq: { } rabbitmq } => RabbitMqTriggers.Of(queue, rabbitmq, names),
        { Postgresql: { } postgresql } => PostgreSqlTriggers.Of(queue, postgresql, names),
        { Kafka: { } kafka } => KafkaTriggers.Of(queue, kafka, names),
        { Sqs: { } sqs } => SqsTriggers.Of(queue, sqs, names),
        { Prometheus: { } prometheus } => PrometheusTriggers.Of(queue, prometheus, names),
        { Keda: { } keda } => RawTriggers.Of(queue, keda, names),
        _ => Unknown(queue),
    };

    /// <summary>An older CRD leaves out the kinds that it does not know. Without triggers KEDA refuses the ScaledObject, and the last one stays.</summary>
    private static QueueTriggers Unknown(QueueSpec queue) => new(
        [],
        "0",
        SignalCompleteness.Unknown(Reasons.RawTrigger, $"Queue '{queue.Name}' is of no kind that is known here: are the CRDs as new as the operator?"));
}
