using System.Collections.Concurrent;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Authentication;

/// <summary>
/// When keys were last used, to the minute: the first use in a minute is noted, and the broker is told once a minute. Requests wait for none of it, and what a broker that is away
/// was not told is dropped: the next use says more.
/// </summary>
internal sealed partial class KeyUses(IJobQueue jobs, TimeProvider time, ILogger<KeyUses> logger) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private ConcurrentDictionary<string, DateTimeOffset> _untold = new(StringComparer.Ordinal);

    /// <summary>Notes that a key is used.</summary>
    public void Note(string name)
    {
        var untold = Volatile.Read(ref _untold);
        if (!untold.ContainsKey(name))
            untold.TryAdd(name, time.GetUtcNow());
    }

    /// <summary>When each was last used, by any replica.</summary>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached.</exception>
    public async Task<IReadOnlyDictionary<string, DateTimeOffset>> ReadAsync(CancellationToken cancellationToken)
    {
        var uses = new Dictionary<string, DateTimeOffset>(await jobs.Audit.ReadUsesAsync(cancellationToken), StringComparer.Ordinal);
        foreach (var (name, at) in Volatile.Read(ref _untold))
            uses[name] = uses.TryGetValue(name, out var told) && told > at ? told : at;
        return uses;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await TellAsync(stoppingToken);
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        if (_untold.IsEmpty)
            return;
        var uses = Interlocked.Exchange(ref _untold, new ConcurrentDictionary<string, DateTimeOffset>(StringComparer.Ordinal));
        try
        {
            await jobs.Audit.NoteUsesAsync(uses, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.NotTold(logger, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "When keys were last used was not written down: {Reason}")]
        public static partial void NotTold(ILogger logger, string reason);
    }
}
