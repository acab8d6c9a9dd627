using System.Collections.Concurrent;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Discovery;

/// <summary>
/// Reads the budgets' servers, each at its own pace and beside the reconciliations: they start a read that is due, and see what came of it when
/// they look again. A read takes 5 s at most. What it found is kept in memory; the status keeps what counts.
/// </summary>
public sealed partial class CapacityDiscovery
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(100);

    private readonly ICapacityReader _reader;
    private readonly HeldEvidence _evidence;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, Watched> _watched = new(StringComparer.Ordinal);

    public CapacityDiscovery(ICapacityReader reader, HeldEvidence evidence, TimeProvider time, ILogger<CapacityDiscovery> logger)
    {
        _reader = reader;
        _evidence = evidence;
        _time = time;
        _logger = logger;
    }

    /// <summary>Starts a read where one is due; says when to look again, null for never.</summary>
    public TimeSpan? Refresh(V1Alpha1ConnectionBudget budget)
    {
        ArgumentNullException.ThrowIfNull(budget);
        if (BudgetCapacity.SourceOf(budget.Spec) is null)
        {
            Forget(budget);
            return null;
        }

        var watched = _watched.GetOrAdd(budget.Metadata.Uid!, _ => new Watched());
        lock (watched)
        {
            var isDue = watched.Generation != budget.Metadata.Generation || _time.GetElapsedTime(watched.At) >= watched.Pause;
            if (watched.Read.IsCompleted && isDue)
            {
                (watched.Generation, watched.At) = (budget.Metadata.Generation, _time.GetTimestamp());
                watched.Read = ReadAsync(watched, budget);
            }

            var since = _time.GetElapsedTime(watched.At);
            // While it is under way: 0.1 s, then twice as long each time.
            return watched.Read.IsCompleted ? Max(watched.Pause - since, FirstLook) : Max(since, FirstLook);
        }
    }

    public void Forget(V1Alpha1ConnectionBudget budget)
    {
        ArgumentNullException.ThrowIfNull(budget);
        if (_watched.TryRemove(budget.Metadata.Uid!, out _))
            _evidence.Forget(budget);
    }

    /// <summary>What is known of the server that the budget names now; null for nothing yet.</summary>
    internal CapacityOutcome? OutcomeOf(V1Alpha1ConnectionBudget budget) =>
        _watched.GetValueOrDefault(budget.Metadata.Uid!)?.Outcome is { } outcome && outcome.Source == BudgetCapacity.SourceOf(budget.Spec)
            ? outcome
            : null;

    private async Task ReadAsync(Watched watched, V1Alpha1ConnectionBudget budget)
    {
        var source = BudgetCapacity.SourceOf(budget.Spec)!;
        var last = watched.Outcome?.Source == source ? watched.Outcome : new CapacityOutcome(source, null, null, null);
        var refresh = TimeSpan.FromSeconds(RefreshSecondsOf(budget.Spec));
        try
        {
            using var deadline = new CancellationTokenSource(Limit, _time);
            var reading = Checked(
                await _reader.ReadAsync(budget, deadline.Token).WaitAsync(Limit, _time, CancellationToken.None).ConfigureAwait(false), last.Reading);
            (watched.Pause, watched.Failures) = (refresh, 0);
            watched.Outcome = new CapacityOutcome(source, reading, last.Reading, null);
            await ConsiderAsync(budget, reading).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            var failure = FailureOf(e, source);
            if (last.Failure != failure)
                Log.Failed(_logger, budget.Metadata.Namespace, budget.Metadata.Name, failure.Message);
            // 5 s, then twice as long each time, up to the usual pace.
            var retry = FirstRetry * Math.Pow(2, Math.Min(watched.Failures++, 10));
            watched.Pause = retry < refresh ? retry : refresh;
            watched.Outcome = last with { Failure = failure };
        }
    }

    /// <summary>A Kubernetes that is slow or down takes nothing from what the server said: what is held then waits for its time.</summary>
    private async Task ConsiderAsync(V1Alpha1ConnectionBudget budget, CapacityReading reading)
    {
        try
        {
            using var deadline = new CancellationTokenSource(Limit, _time);
            await _evidence.ConsiderAsync(budget, reading, deadline.Token).WaitAsync(Limit, _time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.NotConsidered(_logger, budget.Metadata.Namespace, budget.Metadata.Name, e.GetType().Name);
        }
    }

    /// <summary>No server accepts nobody; whatever says so, or tells less than before, is no reason to give everything up, or everything away.</summary>
    private static CapacityReading Checked(CapacityReading reading, CapacityReading? last)
    {
        if (reading.Capacity is < 1 or > BudgetCapacity.Most)
            throw new CapacityReadException(Reasons.ReadFailed, $"The server says that it accepts {reading.Capacity} connections ({reading.Detail}).");
        if (last?.Told.Except(reading.Told).FirstOrDefault() is { } hidden)
            throw new CapacityReadException(Reasons.ReadFailed, $"The server no longer tells {hidden}, which it did: give its user that right again.");
        return reading;
    }

    private static CapacityFailure FailureOf(Exception e, string source) => e switch
    {
        CapacityReadException read => new(read.Reason, read.Message),
        TimeoutException or OperationCanceledException => new(Reasons.ServerUnreachable, $"No answer within {Limit.TotalSeconds} s from {source}."),
        // Its message is not known to be free of credentials.
        _ => new(Reasons.ReadFailed, $"Reading {source} failed: {e.GetType().Name}."),
    };

    private static int RefreshSecondsOf(ConnectionBudgetSpec spec) =>
        spec.Postgresql?.RefreshSeconds ?? spec.Redis?.RefreshSeconds ?? spec.Rabbitmq?.RefreshSeconds ?? PostgresServerSpec.DefaultRefreshSeconds;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private sealed class Watched
    {
        public long? Generation;
        public long At;
        public TimeSpan Pause;
        public int Failures;
        public Task Read = Task.CompletedTask;
        public volatile CapacityOutcome? Outcome;
    }

    private static partial class Log
    {
        [LoggerMessage(400, LogLevel.Warning, "The capacity of ConnectionBudget {Namespace}/{Name} can't be read: {Error}")]
        public static partial void Failed(ILogger logger, string? @namespace, string? name, string error);

        [LoggerMessage(401, LogLevel.Warning, "Whether what ConnectionBudget {Namespace}/{Name} holds is free can't be looked at: {Error}")]
        public static partial void NotConsidered(ILogger logger, string? @namespace, string? name, string error);
    }
}
