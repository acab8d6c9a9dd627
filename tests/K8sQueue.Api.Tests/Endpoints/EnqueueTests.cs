using System.Net;
using System.Text;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Tests.Endpoints;

public sealed class EnqueueTests
{
    [Fact]
    public async Task A_job_is_answered_with_202_its_id_and_its_address()
    {
        await using var api = new TestApi();
        var response = await api.PostAsync("/v1/queues/emails/jobs", """{"type":"email.send","payload":{"to":"a@b.c"}}""");
        var body = await response.ShouldBeAsync(HttpStatusCode.Accepted);
        var id = body.GetProperty("id").GetString();
        JobId.Parse(id!).Queue.Should().Be("emails");
        body.GetProperty("queue").GetString().Should().Be("emails");
        body.GetProperty("tracked").GetBoolean().Should().BeTrue("this API tracks unless told otherwise");
        response.Headers.Location!.OriginalString.Should().Be($"/v1/jobs/{id}");
    }

    [Fact]
    public async Task An_untracked_job_has_no_address()
    {
        await using var api = new TestApi();
        var response = await api.PostAsync("/v1/queues/emails/jobs", """{"type":"email.send","tracked":false}""");
        var body = await response.ShouldBeAsync(HttpStatusCode.Accepted);
        body.GetProperty("tracked").GetBoolean().Should().BeFalse();
        response.Headers.Location.Should().BeNull();
    }

    [Fact]
    public async Task Every_field_reaches_the_worker()
    {
        await using var api = new TestApi();
        var response = await api.PostAsync("/v1/queues/emails/jobs", """
            {"type":"email.send","payload":[1],"priority":"high","maxAttempts":7,"timeoutSeconds":2.5,"delaySeconds":0,
             "backoff":{"type":"fixed","delaySeconds":3,"maxDelaySeconds":4,"jitter":0.5}}
            """);
        await response.ShouldBeAsync(HttpStatusCode.Accepted);
        var job = (await api.Queue.FetchAsync("emails")).Should().ContainSingle().Subject.Job;
        job.Type.Should().Be("email.send");
        job.Lane.Should().Be(Lane.High);
        job.Timeout.Should().Be(TimeSpan.FromSeconds(2.5));
        job.Retry.Should().Be(new RetryPolicy
        {
            MaxAttempts = 7,
            Backoff = BackoffKind.Fixed,
            Delay = TimeSpan.FromSeconds(3),
            MaxDelay = TimeSpan.FromSeconds(4),
            Jitter = 0.5,
        });
    }

    [Fact]
    public async Task What_only_some_jobs_have_reaches_the_worker()
    {
        await using var api = new TestApi();
        var response = await api.PostAsync("/v1/queues/emails/jobs", """
            {"type":"email.send","deduplication":{"key":"mail 7","windowSeconds":60,"untilDone":true},"concurrency":{"key":"tenant","limit":3},
             "tags":["vip","eu"],"retentionSeconds":0.5,"backoff":{"type":"custom","delaysSeconds":[1,60],"jitter":0}}
            """);
        var id = (await response.ShouldBeAsync(HttpStatusCode.Accepted)).GetProperty("id").GetString();
        var record = await (await api.Client().GetAsync($"/v1/jobs/{id}")).ShouldBeAsync(HttpStatusCode.OK);
        record.GetProperty("deduplicationKey").GetString().Should().Be("mail 7");
        record.GetProperty("concurrencyKey").GetString().Should().Be("tenant");
        record.GetProperty("tags").EnumerateArray().Select(t => t.GetString()).Should().Equal("vip", "eu");

        var job = (await api.Queue.FetchAsync("emails")).Should().ContainSingle().Subject.Job;
        job.Traits.Should().BeEquivalentTo(new JobTraits
        {
            Deduplication = new JobDeduplication("mail 7", TimeSpan.FromMinutes(1), UntilDone: true),
            Concurrency = new JobConcurrency("tenant", 3),
            Tags = ["vip", "eu"],
            Retention = TimeSpan.FromSeconds(0.5),
        });
        job.Retry.Backoff.Should().Be(BackoffKind.Custom);
        job.Retry.Delays.Should().Equal(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_job_without_a_queue_goes_where_the_route_of_its_type_leads()
    {
        await using var api = new TestApi((JobRoutes.Variable, """{"image.resize": "images", "*": "rest"}"""));
        foreach (var (type, queue) in new[] { ("image.resize", "images"), ("other", "rest") })
        {
            var body = await (await api.PostAsync("/v1/jobs", $$"""{"type":"{{type}}"}""")).ShouldBeAsync(HttpStatusCode.Accepted);
            body.GetProperty("queue").GetString().Should().Be(queue);
            (await api.Queue.FetchAsync(queue)).Should().ContainSingle();
        }
    }

    [Fact]
    public async Task A_type_without_a_route_is_refused()
    {
        await using var api = new TestApi((JobRoutes.Variable, """{"image.resize": "images"}"""));
        var problem = await (await api.PostAsync("/v1/jobs", """{"type":"video.encode"}""")).ShouldBeProblemAsync("invalid-job");
        problem.GetProperty("field").GetString().Should().Be("type");
        problem.GetProperty("detail").GetString().Should().Contain(JobRoutes.Variable);
    }

    [Fact]
    public async Task The_limit_of_payloads_is_the_queues_setting()
    {
        await using var api = new TestApi(("K8SQUEUE_MAX_PAYLOAD_BYTES", "2000"));
        var payload = $"\"{new string('x', 1999)}\"";
        var problem = await (await api.PostAsync("/v1/queues/emails/jobs", $$"""{"type":"t","payload":{{payload}}}""")).ShouldBeProblemAsync("too-large");
        problem.GetProperty("detail").GetString().Should().Be("'payload' has 2001 bytes; the limit is 2000.");
        var bulk = await (await api.PostAsync("/v1/queues/emails/jobs/bulk", $$"""[{"type":"t","payload":{{payload}}},{"type":"t"}]"""))
            .ShouldBeAsync(HttpStatusCode.OK);
        bulk.GetProperty("accepted").GetInt32().Should().Be(1);
    }

    [Fact]
    public async Task A_duplicate_is_answered_with_200_and_the_job_that_has_its_key()
    {
        await using var api = new TestApi();
        const string Job = """{"type":"t","deduplication":{"key":"k","untilDone":true}}""";
        var first = await (await api.PostAsync("/v1/queues/emails/jobs", Job)).ShouldBeAsync(HttpStatusCode.Accepted);
        first.TryGetProperty("duplicate", out _).Should().BeFalse();

        var second = await (await api.PostAsync("/v1/queues/emails/jobs", Job)).ShouldBeAsync(HttpStatusCode.OK);

        second.GetProperty("duplicate").GetBoolean().Should().BeTrue();
        second.GetProperty("id").GetString().Should().Be(first.GetProperty("id").GetString());
        var bulk = await (await api.PostAsync("/v1/queues/emails/jobs/bulk", $"[{Job}]")).ShouldBeAsync(HttpStatusCode.OK);
        bulk.GetProperty("results")[0].GetProperty("status").GetInt32().Should().Be(200);
    }

    [Fact]
    public async Task What_is_left_out_or_null_has_its_default()
    {
        await using var api = new TestApi();
        foreach (var body in new[]
        {
            """{"type":"t"}""",
            """{"type":"t","payload":null,"delaySeconds":null,"priority":null,"maxAttempts":null,"backoff":null,"timeoutSeconds":null,"tracked":null}""",
            """{"type":"t","backoff":{"type":null,"delaySeconds":null,"maxDelaySeconds":null,"jitter":null}}""",
        })
        {
            var accepted = await (await api.PostAsync("/v1/queues/emails/jobs", body)).ShouldBeAsync(HttpStatusCode.Accepted);
            accepted.GetProperty("tracked").GetBoolean().Should().BeTrue();
            var job = (await api.Queue.FetchAsync("emails")).Should().ContainSingle().Subject.Job;
            job.Retry.Should().Be(RetryPolicy.Default);
            job.Lane.Should().Be(Lane.Normal);
            job.Timeout.Should().BeNull();
            Encoding.UTF8.GetString(job.Payload.Span).Should().Be("null");
        }
    }

    [Fact]
    public async Task A_first_delay_above_the_default_limit_raises_the_limit()
    {
        await using var api = new TestApi();
        var response = await api.PostAsync("/v1/queues/emails/jobs", """{"type":"t","backoff":{"delaySeconds":3600}}""");
        await response.ShouldBeAsync(HttpStatusCode.Accepted);
        (await api.Queue.FetchAsync("emails"))[0].Job.Retry.MaxDelay.Should().Be(TimeSpan.FromHours(1));
    }

    [Theory]
    [InlineData("""{"b":1.0,"a": 1e2,  "b":12345678901234567890123}""")]
    [InlineData("\"\\u00e9 é \\ud83d\\ude00 😀 </script>\"")]
    [InlineData("-0.0")]
    public async Task The_payload_arrives_as_the_bytes_that_were_sent(string payload)
    {
        await using var api = new TestApi();
        var response = await api.PostAsync("/v1/queues/emails/jobs", $$"""{"payload" :  {{payload}}  ,"type":"t"}""");
        await response.ShouldBeAsync(HttpStatusCode.Accepted);
        Encoding.UTF8.GetString((await api.Queue.FetchAsync("emails"))[0].Job.Payload.Span).Should().Be(payload);
    }

    [Fact]
    public async Task A_delayed_job_does_not_wait_in_a_lane()
    {
        await using var api = new TestApi();
        await (await api.PostAsync("/v1/queues/emails/jobs", """{"type":"t","delaySeconds":3600}""")).ShouldBeAsync(HttpStatusCode.Accepted);
        var statistics = await api.Queue.GetStatisticsAsync("emails", CancellationToken.None);
        statistics.Delayed.Should().Be(1);
        statistics.Backlog.Waiting.Should().Be(0);
    }

    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true)]
    [InlineData("00-zzz", false)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\" oops", false)]
    public async Task The_request_s_trace_context_goes_with_the_job(string traceParent, bool valid)
    {
        await using var api = new TestApi();
        var client = api.Client();
        client.DefaultRequestHeaders.TryAddWithoutValidation("traceparent", traceParent);
        var response = await client.PostAsync("/v1/queues/emails/jobs", new StringContent("""{"type":"t"}""", Encoding.UTF8, "application/json"));
        await response.ShouldBeAsync(HttpStatusCode.Accepted);
        (await api.Queue.FetchAsync("emails"))[0].Job.TraceParent.Should().Be(valid ? traceParent : null);
    }
}
