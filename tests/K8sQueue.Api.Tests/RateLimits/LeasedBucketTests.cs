using System.Threading.RateLimiting;
using FsCheck;
using FsCheck.Fluent;
using K8sQueue.Api.RateLimits;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.RateLimits;

/// <summary>A replica's part of a bucket, over time that tests move.</summary>
public sealed class LeasedBucketTests
{
    private static readonly BucketName Name = new(CallerKind.Key, "shop");
    private readonly ManualTimeProvider _time = new();
    private readonly ModelTokenStore _store;

    public LeasedBucketTests() => _store = new ModelTokenStore(_time);

    /// <summary>The promise of docs/adr/0027: rate x time + burst, and for windows that begin later what replicas held by then.</summary>
    [Fact]
    public void Whatever_replicas_do_no_more_is_admitted_than_rate_by_time_and_burst_and_leases()
    {
        var histories =
            from rate in Gen.Elements(1, 7, 40, 1000)
            from burst in Gen.Elements(1, 5, 60, 2000)
            from replicas in Gen.Choose(1, 4)
            from steps in Gen.Choose(0, 1_000_000).ArrayOf(250)
            select new History(new RateLimit(rate, burst), replicas, steps);

        Prop.ForAll(histories.ToArbitrary(), history => history.Run()).QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task A_busy_replica_asks_for_batches_and_gets_the_whole_rate()
    {
        var limit = new RateLimit(1000, 100);
        await using var bucket = Bucket(limit);
        var admitted = 0;
        for (var ms = 0; ms < 10_000; ms++)
        {
            for (var i = 0; i < 3; i++)
            {
                if ((await bucket.AcquireAsync()).IsAcquired)
                    admitted++;
            }

            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        admitted.Should().BeInRange(9_900, 10_100);
        _store.Calls.Should().BeLessThan(500, "30,000 requests share them");
        _store.Largest.Should().BeLessThanOrEqualTo(limit.MaxLease);
    }

    [Fact]
    public async Task Requests_that_come_now_and_then_take_one_token_each()
    {
        await using var bucket = Bucket(new RateLimit(1000, 100));
        for (var i = 0; i < 20; i++)
        {
            (await bucket.AcquireAsync()).IsAcquired.Should().BeTrue();
            bucket.Held.Should().Be(0);
            _time.Advance(TimeSpan.FromSeconds(2));
        }

        _store.Calls.Should().Be(20);
    }

    [Fact]
    public async Task Tokens_that_nobody_used_go_back_with_the_next_lease_or_when_the_bucket_is_let_go()
    {
        var bucket = Bucket(new RateLimit(1000, 100));
        for (var i = 0; i < 50; i++)
            await bucket.AcquireAsync();
        var held = bucket.Held;
        held.Should().BePositive();

        _time.Advance(LeaseRules.Lapse);
        (await bucket.AcquireAsync()).IsAcquired.Should().BeTrue();
        _store.Returned.Should().Be(held);

        for (var i = 0; i < 50; i++)
            await bucket.AcquireAsync();
        held += bucket.Held;
        await bucket.DisposeAsync();
        _store.Returned.Should().Be(held);
        bucket.Held.Should().Be(0);
    }

    [Fact]
    public async Task An_empty_bucket_is_left_alone_until_it_has_a_token()
    {
        await using var bucket = Bucket(new RateLimit(2, 1));
        (await bucket.AcquireAsync()).IsAcquired.Should().BeTrue();
        for (var i = 0; i < 1000; i++)
        {
            var verdict = (Verdict)await bucket.AcquireAsync();
            verdict.Kind.Should().Be(VerdictKind.Refused);
            verdict.TryGetMetadata(MetadataName.RetryAfter, out var wait).Should().BeTrue();
            wait.Should().BePositive().And.BeLessThanOrEqualTo(TimeSpan.FromMilliseconds(500));
            verdict.Standing.Should().Be("\"key\";r=0;t=1");
        }

        _store.Calls.Should().Be(2);
        _time.Advance(TimeSpan.FromMilliseconds(500));
        (await bucket.AcquireAsync()).IsAcquired.Should().BeTrue();
    }

    [Fact]
    public async Task Requests_that_come_during_a_call_share_it()
    {
        await using var bucket = Bucket(new RateLimit(1, 10));
        _store.Holds = true;
        var requests = Enumerable.Range(0, 12).Select(_ => bucket.AcquireAsync().AsTask()).ToList();
        _store.Calls.Should().Be(1);
        _store.Holds = false;
        _store.Answer();

        var verdicts = await Task.WhenAll(requests);
        verdicts.Count(verdict => verdict.IsAcquired).Should().Be(10);
        _store.Calls.Should().BeLessThanOrEqualTo(3);
    }

    [Fact]
    public async Task A_request_that_is_given_up_leaves_nobody_waiting()
    {
        await using var bucket = Bucket(new RateLimit(1, 10));
        _store.Holds = true;
        using var gone = new CancellationTokenSource();
        var request = bucket.AcquireAsync(1, gone.Token).AsTask();
        bucket.GetStatistics()!.CurrentQueuedCount.Should().Be(1);
        await gone.CancelAsync();
        await ((Func<Task>)(() => request)).Should().ThrowAsync<OperationCanceledException>();
        bucket.GetStatistics()!.CurrentQueuedCount.Should().Be(0);

        _store.Answer();
        await Eventually.IsTrue(() => bucket.Held == 1);
        (await bucket.AcquireAsync(1, CancellationToken.None)).IsAcquired.Should().BeTrue("the token is there for the next one");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_the_store_requests_go_on_or_not_and_nobody_asks_it(bool goesOn)
    {
        await using var bucket = new LeasedBucket(Name, new RateLimit(1, 1), goesOn ? WhenAway.Open : WhenAway.Closed, _store, _time);
        _store.Holds = true;
        var first = bucket.AcquireAsync().AsTask();
        _store.IsAway = true;
        _store.Answer();
        (await first).IsAcquired.Should().Be(goesOn, "the call failed while it waited");
        for (var i = 0; i < 10; i++)
        {
            var verdict = (Verdict)await bucket.AcquireAsync();
            verdict.IsAcquired.Should().Be(goesOn);
            verdict.Standing.Should().BeNull("nobody knows");
        }

        _store.Calls.Should().Be(1);
        (_store.IsAway, _store.Holds) = (false, false);
        (await bucket.AcquireAsync()).IsAcquired.Should().BeTrue();
        ((Verdict)await bucket.AcquireAsync()).Kind.Should().Be(VerdictKind.Refused, "it counts again");
    }

    [Fact]
    public async Task A_call_that_fails_as_nobody_foresaw_is_not_the_last_one()
    {
        await using var bucket = Bucket(new RateLimit(1, 10));
        _store.Fault = new NotSupportedException("unforeseen");
        var request = async () => await bucket.AcquireAsync();
        await request.Should().ThrowAsync<NotSupportedException>();
        bucket.GetStatistics()!.CurrentQueuedCount.Should().Be(0);

        _store.Fault = null;
        (await bucket.AcquireAsync()).IsAcquired.Should().BeTrue();
        bucket.IdleDuration.Should().Be(TimeSpan.Zero, "no call is under way");
    }

    [Fact]
    public async Task Without_waiting_there_is_what_is_leased()
    {
        await using var bucket = Bucket(new RateLimit(1000, 100));
        bucket.AttemptAcquire().IsAcquired.Should().BeFalse();
        bucket.GetStatistics()!.CurrentQueuedCount.Should().Be(0);
        for (var i = 0; i < 10; i++)
            await bucket.AcquireAsync();
        bucket.AttemptAcquire().IsAcquired.Should().BeTrue();
        bucket.IdleDuration.Should().Be(TimeSpan.Zero);
        _time.Advance(TimeSpan.FromSeconds(11));
        bucket.IdleDuration.Should().Be(TimeSpan.FromSeconds(11));
    }

    private LeasedBucket Bucket(RateLimit limit) => new(Name, limit, WhenAway.Open, _store, _time);

    /// <summary>What waits for an answer goes on at its turn, on this thread, before time does: of several that wait for one, the pool would run all but one.</summary>
    private sealed class Turns : SynchronizationContext
    {
        private readonly Queue<(SendOrPostCallback Callback, object? State)> _posts = new();

        public override void Post(SendOrPostCallback d, object? state) => _posts.Enqueue((d, state));

        public void Take()
        {
            while (_posts.TryDequeue(out var post))
                post.Callback(post.State);
        }
    }

    /// <summary>Requests at replicas, time that passes, answers that are late, replicas that end, in an order made of numbers.</summary>
    private sealed record History(RateLimit Limit, int Replicas, int[] Steps)
    {
        public bool Run()
        {
            var outer = SynchronizationContext.Current;
            var turns = new Turns();
            SynchronizationContext.SetSynchronizationContext(turns);
            try
            {
                return Run(turns);
            }
            finally
            {
                SynchronizationContext.SetSynchronizationContext(outer);
            }
        }

        private bool Run(Turns turns)
        {
            var time = new ManualTimeProvider();
            var store = new ModelTokenStore(time);
            var replicas = Enumerable.Range(0, Replicas).Select(_ => Start(store, time)).ToArray();
            var admitted = new List<DateTimeOffset>();
            var ended = 0;
            foreach (var step in Steps)
            {
                var replica = step / 16 % Replicas;
                switch (step % 16)
                {
                    case < 9:
                        _ = AskAsync(replicas[replica], time, admitted);
                        break;
                    case < 12:
                        time.Advance(TimeSpan.FromMilliseconds(step / 64 % (step % 2 == 0 ? 20 : 1500)));
                        break;
                    case 12:
                        store.Holds = !store.Holds;
                        break;
                    case 15 when step % 5 == 0:
                        replicas[replica].Dispose();
                        ended++;
                        replicas[replica] = Start(store, time);
                        break;
                    default:
                        store.Answer();
                        break;
                }

                turns.Take();
            }

            return Keeps(admitted, ended);
        }

        private LeasedBucket Start(ModelTokenStore store, ManualTimeProvider time) => new(Name, Limit, WhenAway.Closed, store, time);

        private static async Task AskAsync(LeasedBucket bucket, TimeProvider time, List<DateTimeOffset> admitted)
        {
            if ((await bucket.AcquireAsync()).IsAcquired)
                admitted.Add(time.GetUtcNow());
        }

        // What a replica that ended gives back may be on its way, as long as the store holds its answers.
        private bool Keeps(List<DateTimeOffset> admitted, int ended)
        {
            for (var first = 0; first < admitted.Count; first++)
            {
                for (var last = first; last < admitted.Count; last++)
                {
                    var most = Limit.Burst + (Limit.Rate * (admitted[last] - admitted[first]).TotalSeconds) + (first == 0 ? 0 : (Replicas + ended) * Limit.MaxLease);
                    if (last - first + 1 > most + 1e-6)
                        return false;
                }
            }

            return true;
        }
    }
}
