using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace K8sQueue.Testing;

/// <summary>Waits for a condition with a bound, in place of sleeping.</summary>
public static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    // It costs nothing where the condition holds, and a busy machine stalls for seconds now and then.
    private static readonly TimeSpan Default = TimeSpan.FromSeconds(30);

    /// <summary>Waits until the condition holds.</summary>
    /// <exception cref="TimeoutException">It did not within <paramref name="within"/> (30 s where none is given); the message shows the condition.</exception>
    public static Task IsTrue(
        Func<bool> condition, TimeSpan? within = null, [CallerArgumentExpression(nameof(condition))] string expression = "") =>
        IsTrue(() => Task.FromResult(condition()), within, expression);

    /// <inheritdoc cref="IsTrue(Func{bool}, TimeSpan?, string)"/>
    public static async Task IsTrue(
        Func<Task<bool>> condition, TimeSpan? within = null, [CallerArgumentExpression(nameof(condition))] string expression = "")
    {
        var limit = within ?? Default;
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var begun = watch.Elapsed;
            if (await condition())
                return;
            if (watch.Elapsed > limit)
                throw new TimeoutException($"Did not hold within {limit.TotalSeconds:0.#} s: {expression}");
            await PauseAsync(watch.Elapsed - begun);
        }
    }

    /// <summary>Runs the assertion until it passes; its last failure is what the caller sees after the bound.</summary>
    public static async Task Passes(Func<Task> assertion, TimeSpan? within = null)
    {
        var limit = within ?? Default;
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var begun = watch.Elapsed;
            try
            {
                await assertion();
                return;
            }
            catch (Exception) when (watch.Elapsed < limit)
            {
                await PauseAsync(watch.Elapsed - begun);
            }
        }
    }

    // A check that takes long, as a process does, leaves as much time to what it waits for.
    private static Task PauseAsync(TimeSpan check) => Task.Delay(check > Interval ? check : Interval, TimeProvider.System);
}
