using System.Net;
using System.Text;
using System.Text.Json;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Api.Tests.Redis;

public sealed class RedisTests
{
    private const string Jobs = "/v1/queues/emails/jobs";

    [Fact]
    public async Task A_job_goes_all_the_way_through_a_real_Redis()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var api = await KestrelApi.StartAsync(redis.Address);
        var accepted = await EnqueueAsync(api, """{"type":"email.send","payload":{"n": 1.0},"delaySeconds":0.3}""");
        accepted.StatusCode.Should().Be(HttpStatusCode.Accepted);
        var client = api.Client();
        var later = await EnqueueAsync(api, """{"type":"email.send","delaySeconds":3600}""");
        (await ReadAsync(client, later.Headers.Location!)).GetProperty("state").GetString().Should().Be("delayed");

        // Nobody but the API's own maintenance moves the job into its lane.
        await Eventually.IsTrue(async () =>
            (await (await client.GetAsync("/v1/queues/emails")).JsonAsync()).GetProperty("waiting").GetInt64() == 1);
        var queue = api.Services.GetRequiredService<IJobQueue>();
        await using var consumer = await queue.OpenConsumerAsync(
            new JobConsumerOptions { Queues = ["emails"], Name = "worker-1" }, CancellationToken.None);
        var lease = (await consumer.FetchAsync(1, CancellationToken.None)).Should().ContainSingle().Subject;
        Encoding.UTF8.GetString(lease.Job.Payload.Span).Should().Be("""{"n": 1.0}""");
        await consumer.CompleteAsync([new JobCompletion(lease, "{\"sent\":true}"u8.ToArray())], CancellationToken.None);

        var job = await ReadAsync(client, accepted.Headers.Location!);
        job.GetProperty("state").GetString().Should().Be("completed");
        job.GetProperty("result").GetProperty("sent").GetBoolean().Should().BeTrue();
        var totals = (await ReadAsync(client, new Uri("/v1/queues/emails", UriKind.Relative))).GetProperty("totals");
        totals.GetProperty("completed").GetInt64().Should().Be(1);
    }

    [Fact]
    public async Task Schedules_of_a_real_Redis_are_fired_by_the_API_alone()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var api = await KestrelApi.StartAsync(redis.Address);
        await using var second = await KestrelApi.StartAsync(redis.Address);
        var client = api.Client();
        var path = new Uri("/v1/queues/reports/schedules/tick", UriKind.Relative);
        var made = await client.PutAsync(path, new StringContent(
            """{"cron":"* * * * * ?","misfire":"fireAll","job":{"type":"t","payload":{"größe": 1.0}}}""", Encoding.UTF8, "application/json"));
        made.StatusCode.Should().Be(HttpStatusCode.Created);
        var first = (await made.JsonAsync()).GetProperty("nextFireAt").GetDateTimeOffset();

        await Eventually.IsTrue(async () => (await ReadAsync(client, path)).GetProperty("nextFireAt").GetDateTimeOffset() >= first.AddSeconds(3));
        (await client.PostAsync(path + "/pause", null)).StatusCode.Should().Be(HttpStatusCode.NoContent);
        var schedule = await ReadAsync(client, path);
        schedule.GetProperty("state").GetString().Should().Be("paused");
        schedule.GetProperty("job").GetProperty("payload").GetRawText().Should().Be("""{"größe": 1.0}""");
        var last = schedule.GetProperty("lastFireAt").GetDateTimeOffset();
        var queue = await ReadAsync(client, new Uri("/v1/queues/reports", UriKind.Relative));
        queue.GetProperty("waiting").GetInt64().Should().Be(1 + (long)(last - first).TotalSeconds, "each second fired once");
        var job = await ReadAsync(client, new Uri($"/v1/jobs/{schedule.GetProperty("lastJobId").GetString()}", UriKind.Relative));
        job.GetProperty("scheduledFor").GetDateTimeOffset().Should().Be(last);
    }

    [Theory]
    [InlineData("\"type\":\"t\"", "")]
    [InlineData("""
        "type":"t","payload":{"n": 1.0},"backoff":{"delaySeconds":0.0001,"jitter":0.12345}
        """, """
        ,"overlap":"skip","misfire":"skip","graceSeconds":1.00005
        """)]
    [InlineData("""
        "type":"t","tags":["a|b, c"],"timeoutSeconds":0.5001,"backoff":{"type":"custom","delaySeconds":7,"delaysSeconds":[1.00001,60]}
        """, "")]
    [InlineData("""
        "type":"t","tracked":false,"concurrency":{"key":"k=1,2","limit":3},"retentionSeconds":5.5555,"deduplication":{"key":"a:b","windowSeconds":1.0001}
        """, "")]
    public async Task A_schedule_is_known_again_in_a_real_Redis_and_has_its_tag(string job, string more)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var api = await KestrelApi.StartAsync(redis.Address);
        var client = api.Client();
        var path = new Uri("/v1/queues/reports/schedules/yearly", UriKind.Relative);
        var body = $$"""{"cron":"0 0 1 1 *","job":{{{job}}}{{more}}}""";
        var made = await client.PutAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
        await made.ShouldBeAsync(HttpStatusCode.Created);
        made.Headers.ETag.Should().NotBeNull().And.Be((await client.GetAsync(path)).Headers.ETag);
    }

    [Fact]
    public async Task Events_of_a_real_Redis_are_followed_through_its_restart()
    {
        await using var redis = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "always");
        await using var api = await KestrelApi.StartAsync(redis.Address);
        using var stream = await EventReader.OpenAsync(api.Client(), "/v1/queues/emails/events");
        await EnqueueAsync(api, """{"type":"first"}""");
        (await stream.NextAsync()).Data.GetProperty("type").GetString().Should().Be("first");

        redis.Kill();
        await redis.StartAsync();
        await Eventually.IsTrue(
            async () => (await EnqueueAsync(api, """{"type":"second"}""")).StatusCode == HttpStatusCode.Accepted, TimeSpan.FromSeconds(20));

        (await stream.NextAsync()).Data.GetProperty("type").GetString().Should().Be("second");
    }

    [Fact]
    public async Task Batches_of_a_real_Redis_over_two_queues_are_told_by_the_API_alone()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var api = await KestrelApi.StartAsync(redis.Address);
        var client = api.Client();
        var made = await client.PostAsync("/v1/batches", new StringContent(
            """{"jobs":[{"queue":"a","type":"t"},{"queue":"b","type":"t"}],"onSuccess":{"queue":"b","type":"s","payload":{"größe": 1.0}}}""", Encoding.UTF8, "application/json"));
        made.StatusCode.Should().Be(HttpStatusCode.Accepted);
        var queue = api.Services.GetRequiredService<IJobQueue>();
        await using var consumer = await queue.OpenConsumerAsync(
            new JobConsumerOptions { Queues = ["a", "b"], Name = "worker-1" }, CancellationToken.None);
        var leases = new List<K8sQueue.Core.Jobs.JobLease>();
        while (leases.Count < 2)
            leases.AddRange(await consumer.FetchAsync(2, CancellationToken.None));
        await consumer.CompleteAsync([.. leases.Select(l => new JobCompletion(l))], CancellationToken.None);

        // Nobody but the API's own maintenance tells the batch of the job of the other queue.
        await Eventually.IsTrue(async () => (await ReadAsync(client, made.Headers.Location!)).GetProperty("state").GetString() == "succeeded");
        var callback = (await consumer.FetchAsync(1, CancellationToken.None)).Should().ContainSingle().Subject;
        Encoding.UTF8.GetString(callback.Job.Payload.Span).Should().Be("""{"größe": 1.0}""");
    }

    [Fact]
    public async Task A_Redis_that_is_killed_is_503_and_the_API_recovers_by_itself()
    {
        await using var redis = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "always");
        await using var api = await KestrelApi.StartAsync(redis.Address);
        var before = await EnqueueAsync(api, """{"type":"email.send"}""");
        before.StatusCode.Should().Be(HttpStatusCode.Accepted);
        var ready = new Uri("/readyz", UriKind.Relative);
        var client = api.Client();
        await Eventually.IsTrue(async () => (await client.GetAsync(ready)).StatusCode == HttpStatusCode.OK);

        redis.Kill();
        var refused = await EnqueueAsync(api, """{"type":"email.send"}""");
        refused.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        refused.Headers.RetryAfter.Should().NotBeNull();
        await refused.ShouldBeProblemAsync("broker-unavailable");
        await Eventually.Passes(async () => await (await client.GetAsync(ready)).ShouldBeProblemAsync("broker-unavailable"));
        (await client.GetAsync("/healthz")).StatusCode.Should().Be(HttpStatusCode.OK);
        (await client.GetAsync("/metrics")).StatusCode.Should().Be(HttpStatusCode.OK);

        await redis.StartAsync();
        await Eventually.IsTrue(
            async () => (await EnqueueAsync(api, """{"type":"email.send"}""")).StatusCode == HttpStatusCode.Accepted, TimeSpan.FromSeconds(20));
        await Eventually.IsTrue(async () => (await client.GetAsync(ready)).StatusCode == HttpStatusCode.OK);
        (await client.GetAsync(before.Headers.Location)).StatusCode.Should().Be(HttpStatusCode.OK, "an accepted job is not lost");

        // The maintenance loop is alive, too.
        await EnqueueAsync(api, """{"type":"email.send","delaySeconds":0.1}""");
        await Eventually.IsTrue(async () =>
            (await (await client.GetAsync("/v1/queues/emails")).JsonAsync()).GetProperty("delayed").GetInt64() == 0);
    }

    [Fact]
    public async Task A_Redis_that_hangs_is_503_within_the_deadline()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var api = await KestrelApi.StartAsync(redis.Address);
        (await EnqueueAsync(api, """{"type":"email.send"}""")).StatusCode.Should().Be(HttpStatusCode.Accepted);
        await SignalAsync(redis, "STOP");
        try
        {
            await (await EnqueueAsync(api, """{"type":"email.send"}""")).ShouldBeProblemAsync("broker-unavailable");
            await (await api.Client().GetAsync("/readyz")).ShouldBeProblemAsync("broker-unavailable");
        }
        finally
        {
            await SignalAsync(redis, "CONT");
        }

        await Eventually.IsTrue(
            async () => (await EnqueueAsync(api, """{"type":"email.send"}""")).StatusCode == HttpStatusCode.Accepted, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_Redis_that_may_evict_jobs_makes_the_API_unready_and_says_which_setting()
    {
        await using var redis = await RedisServer.StartAsync("--maxmemory-policy", "allkeys-lru");
        await using var api = await KestrelApi.StartAsync(redis.Address);
        await Eventually.Passes(async () =>
        {
            using var response = await api.Client().GetAsync("/readyz");
            response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
            var problem = await response.ShouldBeProblemAsync("broker-misconfigured");
            problem.GetProperty("detail").GetString().Should().Contain("noeviction");
        });
        await (await EnqueueAsync(api, """{"type":"t"}""")).ShouldBeProblemAsync("broker-misconfigured");
    }

    [Fact]
    public async Task A_Redis_that_is_full_is_507_and_nothing_is_accepted()
    {
        await using var redis = await RedisServer.StartAsync("--maxmemory", "4mb");
        await using var api = await KestrelApi.StartAsync(redis.Address);
        var payload = new string('x', 100_000);
        HttpResponseMessage response;
        var accepted = 0;
        while ((response = await EnqueueAsync(api, $$"""{"type":"t","payload":"{{payload}}","tracked":false}""")).StatusCode == HttpStatusCode.Accepted)
            accepted++;
        response.StatusCode.Should().Be(HttpStatusCode.InsufficientStorage);
        await response.ShouldBeProblemAsync("broker-full");
        var queue = await (await api.Client().GetAsync("/v1/queues/emails")).JsonAsync();
        queue.GetProperty("waiting").GetInt32().Should().Be(accepted);
    }

    private static Task<HttpResponseMessage> EnqueueAsync(KestrelApi api, string job) =>
        api.Client().PostAsync(Jobs, new StringContent(job, Encoding.UTF8, "application/json"));

    private static async Task<JsonElement> ReadAsync(HttpClient client, Uri address) => await (await client.GetAsync(address)).JsonAsync();

    private static async Task SignalAsync(RedisServer redis, string signal)
    {
        using var kill = System.Diagnostics.Process.Start("kill", [$"-{signal}", $"{redis.ProcessId}"]);
        await kill.WaitForExitAsync();
    }
}
