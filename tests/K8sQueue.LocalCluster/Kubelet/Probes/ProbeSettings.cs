using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;

namespace K8sQueue.LocalCluster.Kubelet.Probes;

/// <summary>Times and thresholds of a probe, with the API's defaults.</summary>
internal sealed record ProbeSettings(TimeSpan InitialDelay, TimeSpan Period, TimeSpan Timeout, int SuccessThreshold, int FailureThreshold)
{
    public static ProbeSettings Of(JsonObject probe) => new(
        TimeSpan.FromSeconds(probe.IntegerAt("initialDelaySeconds") ?? 0),
        TimeSpan.FromSeconds(Math.Max(1, probe.IntegerAt("periodSeconds") ?? 10)),
        TimeSpan.FromSeconds(Math.Max(1, probe.IntegerAt("timeoutSeconds") ?? 1)),
        Math.Max(1, probe.IntegerAt("successThreshold") ?? 1),
        Math.Max(1, probe.IntegerAt("failureThreshold") ?? 3));
}

/// <summary>The result of one attempt.</summary>
internal readonly record struct ProbeAttempt(bool Succeeded, string? Failure)
{
    public static ProbeAttempt Success { get; } = new(true, null);

    public static ProbeAttempt Failed(string failure) => new(false, failure);
}

/// <summary>Counts attempts of the same outcome; the verdict changes only at its threshold.</summary>
internal sealed class ProbeThreshold(ProbeSettings settings)
{
    private bool _last;
    private int _count;

    /// <summary>The verdict after this attempt; null where the threshold is not reached.</summary>
    public bool? Observe(bool succeeded)
    {
        _count = _last == succeeded ? _count + 1 : 1;
        _last = succeeded;
        return _count >= (succeeded ? settings.SuccessThreshold : settings.FailureThreshold) ? succeeded : null;
    }
}
