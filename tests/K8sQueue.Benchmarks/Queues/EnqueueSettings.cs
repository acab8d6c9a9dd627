using System.Diagnostics;

namespace K8sQueue.Benchmarks.Queues;

/// <summary>How a bulk enqueue is cut.</summary>
/// <param name="Chunk">Jobs of one call.</param>
/// <param name="Parallel">Calls that are under way at the same time.</param>
internal readonly record struct EnqueueSettings(int Chunk, int Parallel)
{
    /// <summary>What every contender tries.</summary>
    public static readonly IReadOnlyList<EnqueueSettings> Candidates =
    [
        .. from chunk in new[] { 100, 500, 2000 } from parallel in new[] { 1, 2, 4 } select new EnqueueSettings(chunk, parallel),
    ];

    /// <summary>Calls <paramref name="add"/> with the size of each chunk until all jobs are added.</summary>
    public async Task<TimeSpan> RunAsync(int jobs, Func<int, Task> add)
    {
        var chunk = Chunk;
        var left = jobs;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Parallel).Select(_ => Task.Run(AddAsync)));
        return watch.Elapsed;

        async Task AddAsync()
        {
            int before;
            while ((before = Interlocked.Add(ref left, -chunk) + chunk) > 0)
                await add(Math.Min(chunk, before));
        }
    }

    public override string ToString() => $"bulk {Parallel} x {Chunk}";
}
