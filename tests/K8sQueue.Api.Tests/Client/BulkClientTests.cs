using System.Runtime.CompilerServices;
using K8sQueue.Client;
using K8sQueue.Client.Http;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Client;

public sealed class BulkClientTests
{
    [Fact]
    public async Task Each_job_of_many_requests_has_its_result_under_its_place()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        using var sut = new ClientUnderTest(api, options => options.BulkRequestJobs = 1_000, new ManualTimeProvider());
        const int Jobs = 3_500;
        var results = await sut.Client.EnqueueManyAsync("bulk", Enumerable.Range(0, Jobs).Select(i => Job(i, i == 1_234 ? "" : "t"))).ToListAsync();
        results.Select(result => result.Index).Order().Should().Equal(Enumerable.Range(0, Jobs).Select(i => (long)i));
        var refused = results.Should().ContainSingle(result => !result.IsAccepted).Subject;
        refused.Should().Be(new BulkJobResult(1_234, 400) { ProblemType = "invalid-job", Field = "type", Detail = refused.Detail });
        results.Where(result => result.IsAccepted).Select(result => result.Id).Should().OnlyHaveUniqueItems();
        sut.Sent.Should().HaveCount(4);
        (await queue.GetStatisticsAsync("bulk", CancellationToken.None)).Backlog.Waiting.Should().Be(Jobs - 1);
    }

    [Fact]
    public async Task Jobs_of_a_slow_source_are_answered_before_it_ends()
    {
        var (api, _) = await KestrelApi.StartAsync();
        await using var running = api;
        using var sut = new ClientUnderTest(api, options => options.BulkLinger = TimeSpan.FromMilliseconds(50));
        var more = new TaskCompletionSource();
        var results = sut.Client.EnqueueManyAsync("bulk", SourceAsync()).GetAsyncEnumerator();
        (await results.MoveNextAsync()).Should().BeTrue();
        results.Current.Index.Should().Be(0);
        more.SetResult();
        (await results.MoveNextAsync()).Should().BeTrue();
        results.Current.Index.Should().Be(1);
        (await results.MoveNextAsync()).Should().BeFalse();
        await results.DisposeAsync();

        async IAsyncEnumerable<JobRequest> SourceAsync()
        {
            yield return Job(0);
            await more.Task;
            yield return Job(1);
        }
    }

    [Fact]
    public async Task Jobs_of_a_source_that_is_slow_but_steady_are_answered_before_it_ends()
    {
        var (api, _) = await KestrelApi.StartAsync();
        await using var running = api;
        var time = new ManualTimeProvider();
        var pace = TimeSpan.FromMilliseconds(400);
        using var sut = new ClientUnderTest(api, options => options.BulkLinger = TimeSpan.FromSeconds(1), time);
        await using var results = sut.Client.EnqueueManyAsync("bulk", SourceAsync()).GetAsyncEnumerator();
        var first = results.MoveNextAsync().AsTask();
        await Eventually.IsTrue(() =>
        {
            // The source waits, and the request for it.
            if (time.ActiveTimers == 2)
                time.Advance(pace);
            return first.IsCompleted;
        });
        (await first).Should().BeTrue();
        results.Current.IsAccepted.Should().BeTrue();

        async IAsyncEnumerable<JobRequest> SourceAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            for (var i = 0; ; i++)
            {
                yield return Job(i);
                await Task.Delay(pace, time, cancellationToken);
            }
        }
    }

    [Fact]
    public async Task A_source_that_blocks_is_waited_for_no_longer_than_one_that_does_not()
    {
        var (api, _) = await KestrelApi.StartAsync();
        await using var running = api;
        var time = new ManualTimeProvider();
        using var sut = new ClientUnderTest(api, options => options.BulkLinger = TimeSpan.FromSeconds(1), time);
        var results = await sut.Client.EnqueueManyAsync("bulk", Source()).ToListAsync();
        results.Select(result => result.Index).Order().Should().Equal(Enumerable.Range(0, 10).Select(i => (long)i));
        sut.Sent.Should().HaveCount(4, "three jobs a second are three a request");

        IEnumerable<JobRequest> Source()
        {
            for (var i = 0; i < 10; i++)
            {
                time.Advance(TimeSpan.FromMilliseconds(400));
                yield return Job(i);
            }
        }
    }

    [Fact]
    public async Task A_silent_source_is_told_to_stop_and_holds_back_neither_the_exception_nor_who_has_read_enough()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        using var sut = new ClientUnderTest(api, options => options.BulkLinger = TimeSpan.FromMilliseconds(50));
        var stops = 0;
        var first = await sut.Client.EnqueueManyAsync("bulk", SourceAsync()).FirstAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        first.IsAccepted.Should().BeTrue();
        stops.Should().Be(1);

        queue.Fault = () => new JobQueueUnavailableException("Redis does not answer.");
        var reading = () => sut.Client.EnqueueManyAsync("bulk", SourceAsync()).ToListAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        await reading.Should().ThrowAsync<K8sQueueUnavailableException>("what the source throws then does not hide it");
        stops.Should().Be(2);

        async IAsyncEnumerable<JobRequest> SourceAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            yield return Job(0);
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }
            catch (OperationCanceledException) when (stops++ == 1)
            {
                throw new InvalidOperationException("The query was cancelled.");
            }
        }
    }

    [Fact]
    public async Task A_source_is_not_moved_once_it_has_ended_though_a_broken_request_still_reads()
    {
        var jobs = new CountedMoves();
        var source = new JobSource(jobs, TimeSpan.FromSeconds(1), TimeProvider.System, CancellationToken.None);
        source.Begin();
        (await source.TakeAsync(CancellationToken.None)).Should().NotBeNull();
        await source.DisposeAsync();
        source.IsHere.Should().BeTrue();
        (await source.TakeAsync(CancellationToken.None)).Should().BeNull();
        jobs.Moves.Should().Be(1);
    }

    [Fact]
    public async Task What_a_broker_took_before_it_failed_is_told_before_the_exception()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        queue.EnqueueFault = call => call >= 2 ? new JobQueueUnavailableException("Redis does not answer.") : null;
        using var sut = new ClientUnderTest(api, time: new ManualTimeProvider());
        var results = new List<BulkJobResult>();
        var reading = async () =>
        {
            await foreach (var result in sut.Client.EnqueueManyAsync("bulk", Enumerable.Range(0, 2_000).Select(i => Job(i))))
                results.Add(result);
        };
        await reading.Should().ThrowAsync<K8sQueueUnavailableException>();
        var accepted = results.Count(result => result.IsAccepted);
        accepted.Should().BeInRange(1, 500, "the first batch is as large as what had come until then");
        (await queue.GetStatisticsAsync("bulk", CancellationToken.None)).Backlog.Waiting.Should().Be(accepted);
        results.Where(result => !result.IsAccepted).Should().OnlyContain(result => result.Status == 503);
        sut.Sent.Should().ContainSingle("it is not repeated by itself");
    }

    [Fact]
    public async Task A_source_that_fails_leaves_the_jobs_before_it_answered()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        using var sut = new ClientUnderTest(api);
        foreach (var source in (IEnumerable<IAsyncEnumerable<JobRequest>>)[FailingAsync(), new[] { Job(0), Job(1), Job(2) with { Queue = "other" } }.ToAsyncEnumerable()])
        {
            var results = new List<BulkJobResult>();
            var reading = async () =>
            {
                await foreach (var result in sut.Client.EnqueueManyAsync("bulk", source))
                    results.Add(result);
            };
            await reading.Should().ThrowAsync<ArgumentException>();
            results.Select(result => result.IsAccepted).Should().Equal(true, true);
        }

        (await queue.GetStatisticsAsync("bulk", CancellationToken.None)).Backlog.Waiting.Should().Be(4);

        static async IAsyncEnumerable<JobRequest> FailingAsync()
        {
            yield return Job(0);
            await Task.Yield();
            yield return Job(1);
            throw new ArgumentException("The database is gone.");
        }
    }

    [Fact]
    public async Task A_key_that_is_refused_is_an_exception_and_a_cancelled_bulk_ends()
    {
        var (api, _) = await KestrelApi.StartAsync();
        await using var running = api;
        using var stranger = new ClientUnderTest(api, options => options.ApiKey = "k8sq_wrong");
        await stranger.Client.Awaiting(client => client.EnqueueManyAsync("bulk", [Job(0)]).ToListAsync().AsTask()).Should().ThrowAsync<K8sQueueAccessException>();

        using var sut = new ClientUnderTest(api);
        using var leaving = new CancellationTokenSource(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        var reading = async () => await sut.Client.EnqueueManyAsync("bulk", EndlessAsync(), leaving.Token).ToListAsync(CancellationToken.None);
        await reading.Should().ThrowAsync<OperationCanceledException>();

        async IAsyncEnumerable<JobRequest> EndlessAsync()
        {
            yield return Job(0);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, leaving.Token);
        }
    }

    private sealed class CountedMoves : IAsyncEnumerable<JobRequest>, IAsyncEnumerator<JobRequest>
    {
        public int Moves { get; private set; }

        public JobRequest Current => Job(Moves);

        public IAsyncEnumerator<JobRequest> GetAsyncEnumerator(CancellationToken cancellationToken = default) => this;

        public ValueTask<bool> MoveNextAsync()
        {
            Moves++;
            return ValueTask.FromResult(true);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private static JobRequest Job(int number, string type = "t") => new()
    {
        Queue = "",
        Type = type,
        Payload = System.Text.Encoding.UTF8.GetBytes($$"""
            {
              "number": {{number}}
            }
            """),
    };
}
