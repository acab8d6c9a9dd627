using System.Globalization;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Queues;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Resources.Triggers;

/// <summary>
/// A list a priority (kombu/transport/redis.py, <c>_q_for_pri</c>), and the hash of what was delivered and not acknowledged, which all
/// queues of a database share.
/// </summary>
internal static class CeleryTriggers
{
    private const string DefaultSeparator = "\u0006\u0016";
    private static readonly int[] DefaultSteps = [0, 3, 6, 9];

    /// <param name="countsUnacked">False where another queue of the pool counts that hash already.</param>
    public static QueueTriggers Of(QueueSpec queue, CeleryQueueSpec spec, TriggerNames names, bool countsUnacked)
    {
        var redis = new RedisTriggers(spec.Redis, QueueTriggers.PerReplica(queue));
        var list = spec.KeyPrefix + (spec.Queue ?? queue.Name);
        var steps = (spec.PrioritySteps ?? [.. DefaultSteps]).Prepend(0).Distinct().Order();
        var triggers = steps.Select(step => (Name: names.Of(FormattableString.Invariant($"p{step}")), Step: step))
            .Select(item => redis.Size(item.Name, item.Step == 0 ? list : list + (spec.Separator ?? DefaultSeparator) + Text(item.Step))).ToList();
        if (spec.UnackedIsOwn && countsUnacked)
            triggers.Add(redis.Size(names.Of("unacked"), spec.KeyPrefix + spec.UnackedKey));
        return new(triggers, string.Join(" + ", triggers.Select(trigger => trigger.Name)), SignalOf(queue.Name, spec))
        {
            Authentication = redis.Authentication,
        };
    }

    /// <summary>What tells one hash from another.</summary>
    public static (string Address, int Database, string Key) UnackedOf(CeleryQueueSpec spec) =>
        (spec.Redis.Address, spec.Redis.Database, spec.KeyPrefix + spec.UnackedKey);

    private static SignalCompleteness SignalOf(string queue, CeleryQueueSpec spec) => spec switch
    {
        { UnackedIsOwn: false } => SignalCompleteness.Incomplete(
            Reasons.SharedUnacked,
            $"Queue '{queue}': all Celery workers of a database share one hash of delivered tasks, so tasks that run are not counted. "
            + "Give the pool a database or a global_keyprefix of its own, and set unackedIsOwn: true."),
        { AcksLate: false } => SignalCompleteness.Incomplete(
            Reasons.AcksEarly,
            $"Queue '{queue}': Celery acknowledges a task before it runs it, so tasks that run are not counted. "
            + "Set task_acks_late in Celery, and acksLate: true here."),
        _ => SignalCompleteness.Complete,
    };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
