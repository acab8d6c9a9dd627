namespace K8sQueue.LocalCluster.Autoscaling.Horizontal;

/// <summary>What a recommendation became, and why.</summary>
internal sealed record Normalized(int Replicas, string AbleReason, string AbleMessage, bool IsLimited, string LimitReason, string LimitMessage);

/// <summary>The arithmetic of the HorizontalPodAutoscaler (pkg/controller/podautoscaler).</summary>
internal static class HorizontalMath
{
    private const int ScaleUpMinimum = 4;
    private const int ScaleUpFactor = 2;

    /// <summary>The replicas by an AverageValue metric: the total over the target, unless that misses what is there by less than the tolerance.</summary>
    /// <param name="current">status.replicas of the scale.</param>
    public static int ByAverage(double total, double target, int current, double tolerance)
    {
        var ratio = total / (target * current);
        return Math.Abs(1 - ratio) <= tolerance ? current : (int)Math.Min(int.MaxValue, Math.Ceiling(total / target));
    }

    /// <summary>The replicas by a Value metric: the present ones times the ratio to the target.</summary>
    public static int ByValue(double total, double target, int specReplicas, int ready, double tolerance)
    {
        var ratio = total / target;
        return Math.Abs(1 - ratio) <= tolerance ? specReplicas : (int)Math.Min(int.MaxValue, Math.Ceiling(ratio * ready));
    }

    /// <summary>Applies stabilization, then limits of rate and size; the recommendation is remembered.</summary>
    /// <param name="hasBehavior">spec.behavior is set; otherwise the older rules hold.</param>
    public static Normalized Normalize(
        HorizontalHistory history, ScalingRules up, ScalingRules down, bool hasBehavior, int minimum, int maximum, int current, int recommended, DateTimeOffset now)
    {
        var stabilized = Stabilize(history, up, down, hasBehavior, current, recommended, now);
        history.Recommend(recommended, now);
        var (able, ableMessage) = stabilized == recommended
            ? ("ReadyForNewScale", "recommended size matches current size")
            : stabilized > recommended
                ? ("ScaleDownStabilized", "recent recommendations were higher than current one, applying the highest recent recommendation")
                : ("ScaleUpStabilized", "recent recommendations were lower than current one, applying the lowest recent recommendation");
        var (replicas, reason, message) = Limit(history, up, down, hasBehavior, minimum, maximum, current, stabilized, now);
        return new(replicas, able, ableMessage, replicas != stabilized, reason, message);
    }

    private static int Stabilize(
        HorizontalHistory history, ScalingRules up, ScalingRules down, bool hasBehavior, int current, int recommended, DateTimeOffset now)
    {
        var highest = history.Recommended(down.StabilizationSeconds, now).Append(recommended).Max();
        if (!hasBehavior)
            return highest;
        var lowest = history.Recommended(up.StabilizationSeconds, now).Append(recommended).Min();
        return Math.Min(Math.Max(current, lowest), highest);
    }

    private static (int Replicas, string Reason, string Message) Limit(
        HorizontalHistory history, ScalingRules up, ScalingRules down, bool hasBehavior, int minimum, int maximum, int current, int wanted, DateTimeOffset now)
    {
        if (wanted > current)
        {
            var rate = hasBehavior ? Math.Max(current, UpLimit(history, up, current, now)) : Math.Max(ScaleUpFactor * current, ScaleUpMinimum);
            if (wanted > Math.Min(rate, maximum))
            {
                return rate < maximum
                    ? (rate, "ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate")
                    : (maximum, "TooManyReplicas", "the desired replica count is more than the maximum replica count");
            }
        }
        else if (wanted < current || wanted < minimum)
        {
            var rate = hasBehavior ? Math.Min(current, DownLimit(history, down, current, now)) : int.MinValue;
            if (wanted < Math.Max(rate, minimum))
            {
                return rate > minimum
                    ? (rate, "ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate")
                    : (minimum, "TooFewReplicas", "the desired replica count is less than the minimum replica count");
            }
        }

        return (wanted, "DesiredWithinRange", "the desired count is within the acceptable range");
    }

    private static int UpLimit(HorizontalHistory history, ScalingRules rules, int current, DateTimeOffset now)
    {
        if (rules.SelectPolicy == ScalingRules.Disabled)
            return current;
        var limits = rules.Policies.Select(p =>
        {
            var start = history.AtPeriodStart(current, p.PeriodSeconds, now);
            return p.IsPercent ? (int)Math.Ceiling(start * (1 + p.Value / 100.0)) : start + p.Value;
        });
        return rules.SelectPolicy == ScalingRules.Min ? limits.Min() : limits.Max();
    }

    private static int DownLimit(HorizontalHistory history, ScalingRules rules, int current, DateTimeOffset now)
    {
        if (rules.SelectPolicy == ScalingRules.Disabled)
            return current;
        var limits = rules.Policies.Select(p =>
        {
            var start = history.AtPeriodStart(current, p.PeriodSeconds, now);
            return p.IsPercent ? (int)(start * (1 - p.Value / 100.0)) : start - p.Value;
        });
        return rules.SelectPolicy == ScalingRules.Min ? limits.Max() : limits.Min();
    }
}
