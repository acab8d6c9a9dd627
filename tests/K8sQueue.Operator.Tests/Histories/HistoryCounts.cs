namespace K8sQueue.Operator.Tests.Histories;

/// <summary>What happened in a history: one in which nothing happens proves nothing.</summary>
internal sealed class HistoryCounts
{
    public int Reconciliations { get; set; }

    public int Crashes { get; set; }

    public int Failures { get; set; }

    public int LateCalls { get; set; }

    public void Add(HistoryCounts one)
    {
        Reconciliations += one.Reconciliations;
        Crashes += one.Crashes;
        Failures += one.Failures;
        LateCalls += one.LateCalls;
    }
}
