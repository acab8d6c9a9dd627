namespace K8sQueue.Benchmarks.Queues;

/// <summary>Tries settings, each on an empty Redis, so that every contender runs with its best.</summary>
/// <param name="redis">The server.</param>
/// <param name="jobs">Jobs for each setting.</param>
internal sealed class Sweep(RedisProbe redis, int jobs)
{
    private const int Rounds = 2;

    public int Jobs { get; } = jobs;

    /// <summary>The setting with the shortest time of two rounds: one slow moment of the machine decides nothing.</summary>
    public async Task<T> BestAsync<T>(IReadOnlyList<T> candidates, Func<T, Task<TimeSpan>> measure)
    {
        var best = candidates[0];
        var shortest = TimeSpan.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var candidate in candidates)
            {
                await redis.FlushAsync();
                var elapsed = await measure(candidate);
                if (elapsed >= shortest)
                    continue;
                best = candidate;
                shortest = elapsed;
            }
        }

        return best;
    }
}
