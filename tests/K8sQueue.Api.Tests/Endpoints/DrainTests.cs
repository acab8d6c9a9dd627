using System.Net;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Api.Tests.Endpoints;

public sealed class DrainTests
{
    private const string Path = "/v1/queues/emails/drain";

    [Fact]
    public async Task What_waits_is_cancelled_in_parts_and_what_runs_or_is_due_later_stays()
    {
        await using var api = new TestApi();
        await FillAsync(api.Queue);

        (await DrainAsync(api, "?dryRun=true")).Should().Be("""{"remaining":5}""");
        (await DrainAsync(api, "?dryRun=true&delayed=true")).Should().Be("""{"remaining":6}""");
        (await DrainAsync(api, "?limit=3")).Should().Be("""{"drained":3,"remaining":2}""");
        (await DrainAsync(api, "")).Should().Be("""{"drained":2,"remaining":0}""");
        (await DrainAsync(api, "?delayed=true")).Should().Be("""{"drained":1,"remaining":0}""");

        (await api.Queue.GetStatisticsAsync("emails", CancellationToken.None)).Should().BeEquivalentTo(
            new { Backlog = new Backlog(0, 1, false), Delayed = 0L, CancelledTotal = 6L });
        var acts = await api.Queue.Audit.ListAsync(before: null, 10, CancellationToken.None);
        acts.Select(entry => (entry.Act.Route, entry.Act.Filter, entry.Act.Changed)).Should().Equal(
            ("/v1/queues/{queue}/drain", "delayed=true", 1), ("/v1/queues/{queue}/drain", "delayed=false", 2), ("/v1/queues/{queue}/drain", "delayed=false", 3));
    }

    [Fact]
    public async Task It_is_so_over_a_real_Redis()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var api = await KestrelApi.StartAsync(redis.Address);
        await FillAsync(api.Services.GetRequiredService<IJobQueue>());
        using var client = api.Client();

        var answer = await (await client.PostAsync($"{Path}?delayed=true", null)).ShouldBeAsync(HttpStatusCode.OK);

        answer.GetRawText().Should().Be("""{"drained":6,"remaining":0}""");
        var queue = await (await client.GetAsync("/v1/queues/emails")).JsonAsync();
        (queue.GetProperty("waiting").GetInt32(), queue.GetProperty("inFlight").GetInt32(), queue.GetProperty("totals").GetProperty("cancelled").GetInt32()).Should().Be((0, 1, 6));
        var cancelled = await (await client.GetAsync("/v1/queues/emails/jobs?state=cancelled")).JsonAsync();
        cancelled.GetProperty("jobs").GetArrayLength().Should().Be(3, "those that are tracked have records");
    }

    [Theory]
    [InlineData("?delay=true", "delay")]
    [InlineData("?delayed=yes", "delayed")]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=10001", "limit")]
    [InlineData("?dryrun=true", "dryrun")]
    public async Task Bad_parameters_are_named_and_nothing_is_done(string query, string field)
    {
        await using var api = new TestApi();
        await FillAsync(api.Queue);
        using var response = await api.PostAsync(Path + query, "");
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await response.ShouldBeProblemAsync("invalid-parameter")).GetProperty("field").GetString().Should().Be(field);
        (await api.Queue.GetStatisticsAsync("emails", CancellationToken.None)).CancelledTotal.Should().Be(0);
    }

    [Theory]
    [InlineData("/v1/queues/emails/pause")]
    [InlineData("/v1/queues/emails/pause", "?dryrun=true")]
    [InlineData("/v1/jobs/emails.01JD3V6X9QK4T2M7R8ZB5C1N0F/cancel")]
    [InlineData("/v1/queues/emails/schedules/nightly/trigger")]
    [InlineData("/v1/queues/emails/dead-letters/emails.01JD3V6X9QK4T2M7R8ZB5C1N0F/redrive")]
    public async Task A_dry_run_of_what_has_none_is_refused(string path, string query = "?dryRun=true")
    {
        await using var api = new TestApi();
        using var response = await api.PostAsync(path + query, "");
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await response.ShouldBeProblemAsync("invalid-parameter")).GetProperty("field").GetString().Should().Be("dryRun");
        (await api.Queue.GetStatisticsAsync("emails", CancellationToken.None)).Backlog.Paused.Should().BeFalse();
    }

    private static async Task FillAsync(IJobQueue queue)
    {
        var job = new JobRequest { Queue = "emails", Type = "t" };
        await queue.EnqueueAsync([job], CancellationToken.None);
        await queue.FetchAsync("emails");
        var alone = job with { Tracked = true, Concurrency = new JobConcurrency("one", 1) };
        await queue.EnqueueAsync([job, job with { Lane = Lane.High }, alone, alone, job, job with { Tracked = true, Delay = TimeSpan.FromHours(1) }], CancellationToken.None);
    }

    private static async Task<string> DrainAsync(TestApi api, string query) =>
        (await (await api.PostAsync(Path + query, "")).ShouldBeAsync(HttpStatusCode.OK)).GetRawText();
}
