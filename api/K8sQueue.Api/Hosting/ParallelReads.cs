namespace K8sQueue.Api.Hosting;

/// <summary>Reads of many things, some of them at the same time.</summary>
internal static class ParallelReads
{
    /// <summary>What is read of each item, in the order of the items.</summary>
    /// <param name="items">The items.</param>
    /// <param name="concurrency">How many are read at the same time at most.</param>
    /// <param name="read">Reads one.</param>
    /// <param name="cancellationToken">Stops it; the first read that fails stops it, too.</param>
    public static async Task<T[]> OfAsync<TItem, T>(
        IReadOnlyCollection<TItem> items, int concurrency, Func<TItem, CancellationToken, ValueTask<T>> read, CancellationToken cancellationToken)
    {
        var answers = new T[items.Count];
        await Parallel.ForEachAsync(
            items.Index(),
            new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = cancellationToken },
            async (entry, token) => answers[entry.Index] = await read(entry.Item, token));
        return answers;
    }
}
