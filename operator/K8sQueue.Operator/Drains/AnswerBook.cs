namespace K8sQueue.Operator.Drains;

/// <summary>What the workers of a pool said last, by the pod's UID. Not thread-safe.</summary>
internal sealed class AnswerBook
{
    private readonly Dictionary<string, (WorkerInstance Instance, KeptAnswer Kept)> _answers = new(StringComparer.Ordinal);

    /// <summary>Null where that process has said nothing.</summary>
    public KeptAnswer? Of(string uid, WorkerInstance instance) =>
        _answers.TryGetValue(uid, out var entry) && entry.Instance == instance ? entry.Kept : null;

    /// <inheritdoc cref="KeptAnswer.Next"/>
    public KeptAnswer Take(string uid, WorkerInstance instance, WorkerAnswer answer, TimeSpan at, TimeSpan? toldFor)
    {
        var next = KeptAnswer.Next(Of(uid, instance), answer, at, toldFor);
        _answers[uid] = (instance, next);
        return next;
    }

    public void Forget(string uid) => _answers.Remove(uid);

    public void KeepOnly(Func<string, bool> isThere)
    {
        foreach (var uid in _answers.Keys.Where(uid => !isThere(uid)).ToList())
            _answers.Remove(uid);
    }
}
