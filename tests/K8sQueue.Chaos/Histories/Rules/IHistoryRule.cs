namespace K8sQueue.Chaos.Histories.Rules;

/// <summary>One thing that is promised.</summary>
internal interface IHistoryRule
{
    /// <summary>A sentence for each way in which it was broken.</summary>
    IEnumerable<string> Check(HistoryContext context);
}
