using System.Diagnostics.CodeAnalysis;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Events;

/// <summary>
/// The last events of one queue, read while somebody follows it. Each follower takes what is behind the event that it saw last, and one that is
/// too slow, or began earlier, reads from the broker itself: nothing is kept for anybody.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without a timer holds nothing.")]
internal sealed partial class EventFeed
{
    /// <summary>Events that are kept for those who follow.</summary>
    public const int Window = 2000;

    private const int PageSize = 500;
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly IJobQueue _jobs;
    private readonly string _queue;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<JobEvent> _events = [];
    private TaskCompletionSource _news = NewSignal();
    private JobEventId _start;
    private JobEventId _last;

    private EventFeed(IJobQueue jobs, string queue, JobEventId from, TimeProvider time, ILogger logger)
    {
        (_jobs, _queue, _time, _logger) = (jobs, queue, time, logger);
        _start = _last = from;
    }

    public static EventFeed Start(IJobQueue jobs, string queue, JobEventId from, TimeProvider time, ILogger logger)
    {
        var feed = new EventFeed(jobs, queue, from, time, logger);
        _ = Task.Run(() => feed.RunAsync(feed._stop.Token), CancellationToken.None);
        return feed;
    }

    /// <summary>Those who wait for the ends of the queue's jobs.</summary>
    public JobEndings Endings { get; } = new();

    public void Stop() => _ = _stop.CancelAsync();

    /// <summary>
    /// The events behind one, and what completes when there are more; null where there may be some that are not here.
    /// </summary>
    public IReadOnlyList<JobEvent>? Behind(JobEventId seen, out Task news)
    {
        lock (_lock)
        {
            news = _news.Task;
            if (seen < _start)
                return null;

            // Who follows is mostly near the end.
            var next = _events.FindLastIndex(e => e.Id <= seen) + 1;
            return _events.GetRange(next, Math.Min(PageSize, _events.Count - next));
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                Add(await _jobs.ReadEventsAsync(_queue, _last, PageSize, Wait, cancellationToken));
            }
            catch (JobEventsTrimmedException)
            {
                await SkipAsync(cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                Log.Failed(_logger, _queue, e.Message);
                await Task.Delay(RetryDelay, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void Add(JobEventPage page)
    {
        lock (_lock)
        {
            _last = page.Last;
            _events.AddRange(page.Events);
            if (_events.Count > Window)
            {
                _start = _events[^(Window + 1)].Id;
                _events.RemoveRange(0, _events.Count - Window);
            }
        }

        if (page.Events.Count == 0)
            return;
        Endings.Tell(page.Events);
        Signal();
    }

    // Followers find out by themselves what they missed.
    private async Task SkipAsync(CancellationToken cancellationToken)
    {
        try
        {
            var now = await _jobs.ReadEventsAsync(_queue, after: null, PageSize, TimeSpan.Zero, cancellationToken);
            lock (_lock)
            {
                _events.Clear();
                _start = _last = now.Last;
            }

            Endings.TellAll();
            Signal();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.Failed(_logger, _queue, e.Message);
            await Task.Delay(RetryDelay, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (OperationCanceledException)
        {
            // The loop ends.
        }
    }

    private void Signal() => Interlocked.Exchange(ref _news, NewSignal()).TrySetResult();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "The events of {Queue} can't be read: {Reason}")]
        public static partial void Failed(ILogger logger, string queue, string reason);
    }
}
