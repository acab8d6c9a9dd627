namespace K8sQueue.Api.Hosting;

/// <summary>
/// A read that whoever asks for it within <paramref name="freshness"/> shares, answer and failure alike: however many ask, what is read from sees
/// one a time. A failure is tried again after that as everything else.
/// </summary>
/// <param name="read">The read. It bounds itself: nobody's cancellation ends it, since others wait for it.</param>
/// <param name="freshness">How long an answer counts, from the start of its read.</param>
/// <param name="time">The clock.</param>
internal sealed class SharedRead<T>(Func<Task<T>> read, TimeSpan freshness, TimeProvider time)
{
    private readonly Lock _lock = new();
    private Task<T>? _current;
    private long _startedAt;

    public Task<T> GetAsync()
    {
        lock (_lock)
        {
            if (_current is null || (_current.IsCompleted && time.GetElapsedTime(_startedAt) > freshness))
            {
                _startedAt = time.GetTimestamp();
                _current = read();
            }

            return _current;
        }
    }
}
