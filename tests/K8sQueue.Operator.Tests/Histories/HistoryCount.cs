using System.Globalization;

namespace K8sQueue.Operator.Tests.Histories;

/// <summary>How many random histories a property test plays: K8SQUEUE_HISTORIES of them, or all.</summary>
internal static class HistoryCount
{
    public static int OrAll(int all) =>
        int.TryParse(Environment.GetEnvironmentVariable("K8SQUEUE_HISTORIES"), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? Math.Min(count, all)
            : all;
}
