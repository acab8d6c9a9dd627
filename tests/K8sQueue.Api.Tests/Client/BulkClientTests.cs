using K8sQueue.Client;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Tests.Client;

public sealed class BulkClientTests
{
    [Fact]
    public async Task Each_job_of_many_requests_has_its_result_under_its_place()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        using var sut = new ClientUnderTest(api, options => options.BulkRequestJobs = 1_000);
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
    public async Task What_a_broker_took_before_it_failed_is_told_before_the_exception()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        queue.FaultFromEnqueue = 2;
        queue.Fault = () => new JobQueueUnavailableException("Redis does not answer.");
        using var sut = new ClientUnderTest(api);
        var results = new List<BulkJobResult>();
        var reading = async () =>
        {
            await foreach (var result in sut.Client.EnqueueManyAsync("bulk", Enumerable.Range(0, 2_000).Select(i => Job(i))))
                results.Add(result);
        };
        await reading.Should().ThrowAsync<K8sQueueUnavailableException>();
        var accepted = results.Count(result => result.IsAccepted);
        accepted.Should().BeInRange(1, 500, "the first batch is as large as what had come until then");
        queue.Fault = null;
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
