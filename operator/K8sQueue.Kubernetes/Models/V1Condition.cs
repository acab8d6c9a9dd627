namespace K8sQueue.Kubernetes.Models;

/// <summary>One aspect of an object's state (metav1.Condition); also what pods, nodes and Deployments report.</summary>
public sealed class V1Condition
{
    public string Type { get; set; } = "";

    /// <summary>True, False or Unknown.</summary>
    public string Status { get; set; } = "";

    public long? ObservedGeneration { get; set; }

    /// <summary>When <see cref="Status"/> last changed.</summary>
    public DateTimeOffset? LastTransitionTime { get; set; }

    /// <summary>CamelCase, stable.</summary>
    public string? Reason { get; set; }

    /// <summary>For people.</summary>
    public string? Message { get; set; }

    public const string True = "True";
    public const string False = "False";
    public const string Unknown = "Unknown";
}

/// <summary>Reads and writes lists of conditions, one a type.</summary>
public static class V1ConditionExtensions
{
    /// <summary>The condition of that type; null where there is none.</summary>
    public static V1Condition? Find(this IEnumerable<V1Condition>? conditions, string type) =>
        conditions?.FirstOrDefault(c => c.Type == type);

    /// <summary>Whether the condition is there and True.</summary>
    public static bool IsTrue(this IEnumerable<V1Condition>? conditions, string type) =>
        conditions.Find(type)?.Status == V1Condition.True;

    /// <summary>
    /// Sets the condition of its type, adding it where there is none. The transition time moves only with the status, to the second.
    /// Returns whether anything changed.
    /// </summary>
    public static bool Set(this IList<V1Condition> conditions, V1Condition condition, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentNullException.ThrowIfNull(time);
        var existing = conditions.Find(condition.Type);
        if (existing is null)
        {
            condition.LastTransitionTime ??= Now(time);
            conditions.Add(condition);
            return true;
        }

        var changed = existing.Status != condition.Status || existing.Reason != condition.Reason
            || existing.Message != condition.Message || existing.ObservedGeneration != condition.ObservedGeneration;
        if (existing.Status != condition.Status)
            existing.LastTransitionTime = condition.LastTransitionTime ?? Now(time);
        existing.Status = condition.Status;
        existing.Reason = condition.Reason;
        existing.Message = condition.Message;
        existing.ObservedGeneration = condition.ObservedGeneration;
        return changed;
    }

    /// <summary>Removes the condition of that type; returns whether there was one.</summary>
    public static bool Remove(this IList<V1Condition> conditions, string type)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        return conditions.Find(type) is { } existing && conditions.Remove(existing);
    }

    private static DateTimeOffset Now(TimeProvider time)
    {
        var now = time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
    }
}
