namespace K8sQueue.Testing;

/// <summary>Percentiles of what was measured.</summary>
public static class Percentile
{
    /// <summary>The nearest-rank percentile; of nothing, not a number.</summary>
    public static double Of(IEnumerable<double> values, double percent)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[Math.Max(0, (int)Math.Ceiling(percent / 100 * sorted.Length) - 1)];
    }
}
