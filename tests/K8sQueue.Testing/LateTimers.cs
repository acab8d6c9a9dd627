using System.Collections.Concurrent;

namespace K8sQueue.Testing;

/// <summary>The system's time, whose timers can fire once more after they were disposed: disposing one does not wait for a callback that has begun.</summary>
public sealed class LateTimers : TimeProvider
{
    private readonly ConcurrentQueue<Action> _callbacks = new();

    /// <summary>Timers that were made.</summary>
    public int Count => _callbacks.Count;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _callbacks.Enqueue(() => callback(state));
        return base.CreateTimer(callback, state, dueTime, period);
    }

    /// <exception cref="Exception">What a callback throws: in a process that ends it.</exception>
    public void FireAll()
    {
        foreach (var callback in _callbacks)
            callback();
    }
}
