using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Events;

/// <summary>Who follows queues: each queue that somebody follows is read once, for all who do.</summary>
internal sealed class EventFeeds(IJobQueue jobs, TimeProvider time, ILogger<EventFeeds> logger)
{
    /// <summary>How many clients one replica serves at once.</summary>
    public const int MaxFollowers = 1000;

    /// <summary>How many of these one key or subject may be.</summary>
    public const int MaxFollowersOfOne = 250;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (EventFeed Feed, int Followers)> _feeds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _followersOf = new(StringComparer.Ordinal);
    private int _followers;

    /// <summary>Takes a place among those who follow; null where all are taken, or as many as one may have. Dispose it to give it back.</summary>
    /// <param name="who">The key or subject; null where all are one, since nobody shows a key.</param>
    public IDisposable? TryEnter(string? who = null)
    {
        lock (_lock)
        {
            var own = who is null ? 0 : _followersOf.GetValueOrDefault(who);
            if (_followers == MaxFollowers || own == MaxFollowersOfOne)
                return null;
            _followers++;
            if (who is not null)
                _followersOf[who] = own + 1;
        }

        return new Place(() => Exit(who));
    }

    /// <summary>Follows a queue from an event on. Dispose what it returns to stop.</summary>
    public IDisposable Follow(string queue, JobEventId from, out EventFeed feed)
    {
        lock (_lock)
        {
            var (found, followers) = _feeds.GetValueOrDefault(queue);
            feed = found ?? EventFeed.Start(jobs, queue, from, time, logger);
            _feeds[queue] = (feed, followers + 1);
        }

        return new Place(() => Leave(queue));
    }

    private void Exit(string? who)
    {
        lock (_lock)
        {
            _followers--;
            if (who is not null && (_followersOf[who] -= 1) == 0)
                _followersOf.Remove(who);
        }
    }

    private void Leave(string queue)
    {
        lock (_lock)
        {
            var (feed, followers) = _feeds[queue];
            if (followers > 1)
            {
                _feeds[queue] = (feed, followers - 1);
                return;
            }

            _feeds.Remove(queue);
            feed.Stop();
        }
    }

    private sealed class Place(Action leave) : IDisposable
    {
        private Action? _leave = leave;

        public void Dispose() => Interlocked.Exchange(ref _leave, null)?.Invoke();
    }
}
