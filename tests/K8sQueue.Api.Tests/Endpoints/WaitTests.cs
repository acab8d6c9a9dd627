using System.Net;
using System.Text.Json;
using K8sQueue.Api.Events;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace K8sQueue.Api.Tests.Endpoints;

public sealed class WaitTests
{
    [Theory]
    [InlineData("completed")]
    [InlineData("dead")]
    [InlineData("cancelled")]
    public async Task Who_waits_is_answered_as_soon_as_the_job_has_ended(string state)
    {
        await using var api = new TestApi();
        var id = await EnqueueAsync(api);
        await using var consumer = await api.Queue.OpenConsumerAsync(new JobConsumerOptions { Queues = ["emails"], Name = "w" }, CancellationToken.None);
        var waiting = WaitAsync(api, id, "60s");
        await Eventually.IsTrue(() => api.Queue.EventReadsUnderWay == 1);
        var leases = await consumer.FetchAsync(1, CancellationToken.None);
        waiting.IsCompleted.Should().BeFalse();

        if (state == "completed")
            await consumer.CompleteAsync([new JobCompletion(leases[0], "17"u8.ToArray())], CancellationToken.None);
        else if (state == "dead")
            await consumer.BuryAsync([new JobBurial(leases[0], DeadLetterReasons.Unrecoverable, "no")], CancellationToken.None);
        else
            await consumer.CancelAsync([leases[0]], CancellationToken.None);

        var job = await waiting.WaitAsync(TimeSpan.FromSeconds(20));
        job.GetProperty("state").GetString().Should().Be(state);
        if (state == "completed")
            job.GetProperty("result").GetInt32().Should().Be(17);
        await Eventually.IsTrue(() => api.Queue.EventReadsUnderWay == 0);
    }

    [Fact]
    public async Task What_has_ended_is_answered_at_once_and_no_wait_reads_no_events()
    {
        await using var api = new TestApi();
        var id = await EnqueueAsync(api);
        (await WaitAsync(api, id, "0")).GetProperty("state").GetString().Should().Be("waiting");
        await api.PostAsync($"/v1/jobs/{id}/cancel", "");

        (await WaitAsync(api, id, "60s")).GetProperty("state").GetString().Should().Be("cancelled");
        api.Queue.EventReads.Should().Be(0);
    }

    [Fact]
    public async Task When_the_wait_is_over_the_record_is_answered_as_it_is()
    {
        await using var api = new TestApi();
        (await WaitAsync(api, await EnqueueAsync(api), "1")).GetProperty("state").GetString().Should().Be("waiting");
    }

    [Fact]
    public async Task Many_wait_by_one_reading_of_their_queue()
    {
        const int Waiters = 40;
        await using var api = new TestApi();
        var ids = new List<string>();
        for (var i = 0; i < Waiters; i++)
            ids.Add(await EnqueueAsync(api));
        var waiting = ids.Select(id => WaitAsync(api, id, "60")).ToArray();
        await Eventually.IsTrue(() => api.Queue.EventReads > Waiters && api.Queue.EventReadsUnderWay == 1);

        await using var consumer = await api.Queue.OpenConsumerAsync(new JobConsumerOptions { Queues = ["emails"], Name = "w" }, CancellationToken.None);
        var leases = await consumer.FetchAsync(Waiters, CancellationToken.None);
        await consumer.CompleteAsync([.. leases.Select(lease => new JobCompletion(lease))], CancellationToken.None);

        (await Task.WhenAll(waiting)).Should().OnlyContain(job => job.GetProperty("state").GetString() == "completed");
    }

    [Fact]
    public async Task The_places_of_those_who_wait_are_bounded_and_given_back()
    {
        await using var api = new TestApi();
        var id = await EnqueueAsync(api);
        var feeds = api.Services.GetRequiredService<EventFeeds>();
        var places = Enumerable.Range(0, EventFeeds.MaxFollowers).Select(_ => feeds.TryEnter()!).ToList();
        using var refused = await api.Client().GetAsync($"/v1/jobs/{id}?wait=60");
        await refused.ShouldBeProblemAsync("too-many-followers");
        refused.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(5));
        (await api.Client().GetAsync($"/v1/jobs/{id}")).StatusCode.Should().Be(HttpStatusCode.OK, "who does not wait takes no place");

        places[0].Dispose();
        await WaitAsync(api, id, "1");
        feeds.TryEnter().Should().NotBeNull();
    }

    [Fact]
    public async Task When_the_api_stops_the_record_is_answered_as_it_is()
    {
        await using var api = new TestApi();
        var waiting = WaitAsync(api, await EnqueueAsync(api), "60s");
        await Eventually.IsTrue(() => api.Queue.EventReadsUnderWay == 1);
        api.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        (await waiting.WaitAsync(TimeSpan.FromSeconds(20))).GetProperty("state").GetString().Should().Be("waiting");
    }

    [Fact]
    public async Task A_job_whose_record_is_not_kept_is_gone_when_it_has_ended()
    {
        await using var api = new TestApi();
        var id = (await (await api.PostAsync("/v1/queues/emails/jobs", """{"type":"t","retentionSeconds":0}""")).JsonAsync()).GetProperty("id").GetString();
        var waiting = api.Client().GetAsync($"/v1/jobs/{id}?wait=60");
        await Eventually.IsTrue(() => api.Queue.EventReadsUnderWay == 1);
        await api.PostAsync($"/v1/jobs/{id}/cancel", "");
        await (await waiting.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBeProblemAsync("job-not-found");
    }

    [Fact]
    public async Task Who_waits_for_what_is_not_there_is_told_at_once()
    {
        await using var api = new TestApi();
        foreach (var (tracked, type) in new[] { (true, "job-not-found"), (false, "job-not-tracked") })
        {
            var id = JobId.Create("emails", tracked, TimeProvider.System);
            await (await api.Client().GetAsync($"/v1/jobs/{id}?wait=60s")).ShouldBeProblemAsync(type);
        }

        api.Queue.EventReads.Should().Be(0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("-1")]
    [InlineData("61")]
    [InlineData("1.5")]
    [InlineData("1m")]
    [InlineData("30S")]
    [InlineData("30ss")]
    [InlineData("%2030")]
    [InlineData("99999999999999999999s")]
    [InlineData("%D9%A3")]
    public async Task A_wait_that_is_none_is_refused(string wait)
    {
        await using var api = new TestApi();
        var problem = await (await api.Client().GetAsync($"/v1/jobs/{await EnqueueAsync(api)}?wait={wait}")).ShouldBeProblemAsync("invalid-parameter");
        problem.GetProperty("field").GetString().Should().Be("wait");
    }

    private static async Task<string> EnqueueAsync(TestApi api) =>
        (await (await api.PostAsync("/v1/queues/emails/jobs", """{"type":"t"}""")).JsonAsync()).GetProperty("id").GetString()!;

    private static async Task<JsonElement> WaitAsync(TestApi api, string id, string wait)
    {
        using var client = api.Client();
        client.Timeout = TimeSpan.FromSeconds(90);
        return await (await client.GetAsync($"/v1/jobs/{id}?wait={wait}")).ShouldBeAsync(HttpStatusCode.OK);
    }
}
