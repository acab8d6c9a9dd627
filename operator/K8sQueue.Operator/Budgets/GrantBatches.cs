using K8sQueue.Operator.Controllers;

namespace K8sQueue.Operator.Budgets;

/// <summary>
/// Pools of one namespace that ask for grants from the same budgets while one is under way are served together when it ends: by one read of
/// the budgets, one list of the pods and one write a budget, however many they are.
/// </summary>
/// <remarks>
/// A batch takes no more requests before anything is read for it, so each of them is served by what was read after it was asked.
/// </remarks>
internal sealed class GrantBatches(GrantProtocol protocol, KeyedLocks locks)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Batch> _open = new(StringComparer.Ordinal);

    /// <param name="cancellationToken">One for all pools, as the operator stops as a whole: whoever asks first carries the batch out.</param>
    public async Task<GrantOutcome> GrantAsync(GrantRequest request, CancellationToken cancellationToken)
    {
        var names = request.Budgets.Order(StringComparer.Ordinal).Select(budget => $"{request.Namespace}/{budget}").ToList();
        var key = $"{request.Namespace}: {string.Join(' ', names)}";
        Batch? batch;
        int index;
        bool isFirst;
        lock (_gate)
        {
            isFirst = !_open.TryGetValue(key, out batch);
            if (isFirst)
                _open[key] = batch = new Batch();
            index = batch!.Requests.Count;
            batch.Requests.Add(request);
        }

        if (isFirst)
            await ReserveAsync(key, names, batch, cancellationToken).ConfigureAwait(false);
        var reserved = await batch.Reserved.Task.ConfigureAwait(false);
        // No lock: what is reserved counts, whoever writes the budget meanwhile.
        return await protocol.UngateAsync(reserved[index], cancellationToken).ConfigureAwait(false);
    }

    private async Task ReserveAsync(string key, List<string> names, Batch batch, CancellationToken cancellationToken)
    {
        try
        {
            var reserved = await ReserveLockedAsync(key, names, batch, cancellationToken).ConfigureAwait(false);
            batch.Reserved.SetResult(reserved);
        }
        catch (Exception e)
        {
            Close(key, batch);
            batch.Reserved.SetException(e);
        }
    }

    private async Task<IReadOnlyList<PoolReservation>> ReserveLockedAsync(
        string key, List<string> names, Batch batch, CancellationToken cancellationToken)
    {
        using var held = await locks.TakeAsync(names, cancellationToken).ConfigureAwait(false);
        Close(key, batch);
        return await protocol.ReserveAsync(batch.Requests, cancellationToken).ConfigureAwait(false);
    }

    private void Close(string key, Batch batch)
    {
        lock (_gate)
        {
            if (_open.GetValueOrDefault(key) == batch)
                _open.Remove(key);
        }
    }

    private sealed class Batch
    {
        public List<GrantRequest> Requests { get; } = [];

        public TaskCompletionSource<IReadOnlyList<PoolReservation>> Reserved { get; } = new();
    }
}
