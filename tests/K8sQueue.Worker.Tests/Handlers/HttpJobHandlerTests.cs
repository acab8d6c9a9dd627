using System.Text;
using K8sQueue.Core.Jobs;
using K8sQueue.Worker.Handlers;
using K8sQueue.Worker.Handlers.Http;
using K8sQueue.Worker.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace K8sQueue.Worker.Tests.Handlers;

public sealed class HttpJobHandlerTests
{
    private const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public async Task The_payload_is_posted_with_the_jobs_particulars()
    {
        await using var target = await HttpTarget.StartAsync(_ => Task.CompletedTask);
        var context = Context("""{"a":1}""", attempt: 2);

        await HandleAsync(target.Url, context);

        var request = target.Requests.Should().ContainSingle().Subject;
        request.Method.Should().Be("POST");
        request.Body.Should().Be("""{"a":1}""");
        request.Headers["Content-Type"].Should().Be("application/json");
        request.Headers["X-K8sQueue-Job-Id"].Should().Be(context.JobId.Value);
        request.Headers["Idempotency-Key"].Should().Be(context.JobId.Value);
        request.Headers["X-K8sQueue-Type"].Should().Be("email.send");
        request.Headers["X-K8sQueue-Queue"].Should().Be("q");
        request.Headers["X-K8sQueue-Attempt"].Should().Be("2");
        request.Headers["X-K8sQueue-Fencing-Token"].Should().Be("9");
        request.Headers["traceparent"].Should().Be(TraceParent);
        request.Headers.Should().NotContainKey("X-K8sQueue-Schedule");
    }

    [Theory]
    [InlineData("null", "application/json")]
    [InlineData(" [1, {\"a\": 2.5}] ", "application/json")]
    [InlineData("", "application/octet-stream")]
    [InlineData("hello", "application/octet-stream")]
    [InlineData("{\"a\":1", "application/octet-stream")]
    [InlineData("{} {}", "application/octet-stream")]
    public async Task A_payload_is_posted_as_json_where_it_is_json_and_as_bytes_otherwise(string payload, string mediaType)
    {
        await using var target = await HttpTarget.StartAsync(_ => Task.CompletedTask);

        await HandleAsync(target.Url, Context(payload));

        target.Requests.Should().ContainSingle().Which.Should().Match<HttpTarget.Received>(
            request => request.Headers["Content-Type"] == mediaType && request.Body == payload);
    }

    [Fact]
    public async Task However_deep_it_is_json_is_json()
    {
        await using var target = await HttpTarget.StartAsync(_ => Task.CompletedTask);

        await HandleAsync(target.Url, Context(new string('[', 5000) + new string(']', 5000)));

        target.Requests.Should().ContainSingle().Which.Headers["Content-Type"].Should().Be("application/json");
    }

    [Fact]
    public async Task A_scheduled_job_is_posted_with_the_time_that_it_was_due()
    {
        await using var target = await HttpTarget.StartAsync(_ => Task.CompletedTask);

        await HandleAsync(target.Url, ScheduledJob.Context(new DateTimeOffset(2026, 1, 2, 4, 30, 0, TimeSpan.FromHours(1))));

        var request = target.Requests.Should().ContainSingle().Subject;
        request.Headers["X-K8sQueue-Schedule"].Should().Be("nightly");
        request.Headers["X-K8sQueue-Scheduled-For"].Should().Be("2026-01-02T03:30:00.000Z");
    }

    [Fact]
    public async Task A_callback_is_posted_with_the_id_of_its_batch()
    {
        await using var target = await HttpTarget.StartAsync(_ => Task.CompletedTask);
        var (context, batch) = CallbackJob.Context();

        await HandleAsync(target.Url, context);

        target.Requests.Should().ContainSingle().Which.Headers["X-K8sQueue-Batch"].Should().Be(batch.Value);
    }

    [Theory]
    [InlineData("application/json", """{"ok":true}""", """{"ok":true}""")]
    [InlineData("application/problem+json; charset=utf-8", "[1]", "[1]")]
    [InlineData("text/plain", "hello", null)]
    [InlineData("application/json", "{not json", null)]
    [InlineData("application/json", "", null)]
    public async Task A_json_answer_is_the_result(string contentType, string body, string? result)
    {
        await using var target = await HttpTarget.StartAsync(Answer(200, contentType, body));
        var context = Context();

        await HandleAsync(target.Url, context);

        (context.Result is { } bytes ? Encoding.UTF8.GetString(bytes.Span) : null).Should().Be(result);
    }

    [Theory]
    [InlineData(JobContext.MaxResultBytes, true)]
    [InlineData(JobContext.MaxResultBytes + 1, false)]
    public async Task A_result_has_a_limit(int length, bool kept)
    {
        await using var target = await HttpTarget.StartAsync(Answer(200, "application/json", $"\"{new string('x', length - 2)}\""));
        var context = Context();

        await HandleAsync(target.Url, context);

        context.Result.HasValue.Should().Be(kept);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(201)]
    [InlineData(204)]
    public async Task Success_is_done(int status)
    {
        await using var target = await HttpTarget.StartAsync(Answer(status));

        await HandleAsync(target.Url, Context());
    }

    [Theory]
    [InlineData(408)]
    [InlineData(425)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_passing_fault_is_tried_again(int status)
    {
        await using var target = await HttpTarget.StartAsync(Answer(status, "text/plain", "try\nlater"));

        var failure = await FluentActions.Awaiting(() => HandleAsync(target.Url, Context())).Should().ThrowAsync<RetryJobException>();

        failure.Which.Delay.Should().BeNull();
        failure.Which.Message.Should().Contain($"answered {status}").And.EndWith(": try later");
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(422)]
    public async Task A_refusal_is_a_dead_letter(int status)
    {
        await using var target = await HttpTarget.StartAsync(Answer(status));

        await FluentActions.Awaiting(() => HandleAsync(target.Url, Context())).Should().ThrowAsync<UnrecoverableJobException>();
    }

    [Fact]
    public async Task Retry_after_is_honoured_in_seconds_and_as_a_date()
    {
        await using var seconds = await HttpTarget.StartAsync(Answer(429, retryAfter: "120"));
        await using var never = await HttpTarget.StartAsync(Answer(429, retryAfter: "31536000"));
        await using var date = await HttpTarget.StartAsync(
            Answer(503, retryAfter: TimeProvider.System.GetUtcNow().AddMinutes(10).ToString("R")));

        (await FluentActions.Awaiting(() => HandleAsync(seconds.Url, Context())).Should().ThrowAsync<RetryJobException>())
            .Which.Delay.Should().Be(TimeSpan.FromMinutes(2));
        (await FluentActions.Awaiting(() => HandleAsync(date.Url, Context())).Should().ThrowAsync<RetryJobException>())
            .Which.Delay.Should().BeCloseTo(TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(20));
        (await FluentActions.Awaiting(() => HandleAsync(never.Url, Context())).Should().ThrowAsync<RetryJobException>())
            .Which.Delay.Should().Be(TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_fault_that_passes_in_a_moment_is_tried_again_within_the_attempt()
    {
        var calls = 0;
        await using var target = await HttpTarget.StartAsync(context => Answer(++calls switch { 1 => 503, 2 => 500, _ => 200 })(context));

        await HandleAsync(target.Url, Context(attempt: 2), retries: 2);

        target.Requests.Select(request => request.Headers["X-K8sQueue-Attempt"]).Should().Equal("2", "2", "2");
    }

    [Fact]
    public async Task A_short_retry_after_is_waited_for_and_a_long_one_ends_the_attempt()
    {
        var calls = 0;
        await using var soon = await HttpTarget.StartAsync(context => (++calls == 1 ? Answer(429, retryAfter: "1") : Answer(200))(context));
        await using var late = await HttpTarget.StartAsync(Answer(503, retryAfter: "6"));

        var watch = System.Diagnostics.Stopwatch.StartNew();
        await HandleAsync(soon.Url, Context(), retries: 1);
        watch.Elapsed.Should().BeGreaterThan(TimeSpan.FromMilliseconds(950));
        soon.Requests.Should().HaveCount(2);

        (await FluentActions.Awaiting(() => HandleAsync(late.Url, Context(), retries: 3)).Should().ThrowAsync<RetryJobException>())
            .Which.Delay.Should().Be(TimeSpan.FromSeconds(6));
        late.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task A_call_that_takes_too_long_is_tried_again_within_the_attempt()
    {
        var time = new ManualTimeProvider();
        var callTimeout = TimeSpan.FromMinutes(1);
        var called = new TaskCompletionSource();
        await using var target = await HttpTarget.StartAsync(context =>
            called.TrySetResult() ? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted) : Task.CompletedTask);

        var handled = HandleAsync(target.Url, Context(), retries: 1, callTimeout, time);
        await Eventually.IsTrue(() => called.Task.IsCompleted);
        time.Advance(callTimeout);
        await Eventually.IsTrue(() => time.ActiveTimers == 1);
        time.Advance(HttpRetries.MaxWait);
        await handled;

        target.Requests.Should().HaveCount(2);
    }

    [Fact]
    public async Task When_no_call_was_answered_in_its_time_the_job_is_tried_again()
    {
        await using var target = await HttpTarget.StartAsync(
            context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));

        (await FluentActions.Awaiting(() => HandleAsync(target.Url, Context(), callTimeout: TimeSpan.FromMilliseconds(50)))
            .Should().ThrowAsync<RetryJobException>()).Which.Message.Should().EndWith("/jobs did not answer within 0.05 s");
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    public async Task A_refusal_is_not_tried_again_within_the_attempt(int status)
    {
        await using var target = await HttpTarget.StartAsync(Answer(status));

        await FluentActions.Awaiting(() => HandleAsync(target.Url, Context(), retries: 5)).Should().ThrowAsync<UnrecoverableJobException>();

        target.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task A_call_is_signed_over_its_time_and_its_body()
    {
        const string Secret = "0123456789abcdef";
        await using var target = await HttpTarget.StartAsync(_ => Task.CompletedTask);
        using var handler = new HttpJobHandler(new HttpHandlerOptions { Url = target.Url, SigningSecret = Secret }, TimeProvider.System);

        await handler.HandleAsync(Context("""{"a":1}"""), CancellationToken.None);

        var headers = target.Requests.Single().Headers;
        var timestamp = headers["X-K8sQueue-Timestamp"];
        DateTimeOffset.FromUnixTimeSeconds(long.Parse(timestamp, System.Globalization.CultureInfo.InvariantCulture))
            .Should().BeCloseTo(TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(10));
        headers["X-K8sQueue-Signature"].Should().Be("sha256=" + Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData(
            Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(timestamp + "." + """{"a":1}"""))));
    }

    [Fact]
    public async Task A_secret_is_read_again_from_its_file_and_a_bad_one_leaves_the_last()
    {
        var file = Path.GetTempFileName();
        await using var target = await HttpTarget.StartAsync(_ => Task.CompletedTask);
        using var handler = new HttpJobHandler(new HttpHandlerOptions { Url = target.Url, SigningSecretFile = file }, TimeProvider.System);
        var handle = () => handler.HandleAsync(Context("1"), CancellationToken.None);
        (await handle.Should().ThrowAsync<RetryJobException>()).WithMessage("*has no signing secret");

        string[] secrets = ["0123456789abcdef", "fedcba9876543210", "short", ""];
        foreach (var secret in secrets)
        {
            await File.WriteAllTextAsync(file, secret + "\n");
            await handle();
        }

        File.Delete(file);
        await handle();

        target.Requests.Select(r => SecretOf(r.Headers["X-K8sQueue-Timestamp"], r.Headers["X-K8sQueue-Signature"]))
            .Should().Equal(secrets[0], secrets[1], secrets[1], secrets[1], secrets[1]);

        string SecretOf(string timestamp, string signature) => secrets.Single(s => signature == "sha256=" + Convert.ToHexStringLower(
            System.Security.Cryptography.HMACSHA256.HashData(Encoding.UTF8.GetBytes(s), Encoding.UTF8.GetBytes(timestamp + ".1"))));
    }

    [Fact]
    public async Task A_redirect_that_keeps_method_and_origin_is_followed()
    {
        await using var target = await HttpTarget.StartAsync(context =>
        {
            if (context.Request.Path == "/jobs")
                context.Response.Redirect("/moved", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });

        await HandleAsync(target.Url, Context("[7]"));

        target.Requests.Select(request => (request.Method, request.Path, request.Body)).Should().Equal(
            ("POST", "/jobs", "[7]"), ("POST", "/moved", "[7]"));
    }

    [Fact]
    public async Task A_redirect_to_another_host_is_not_followed()
    {
        await using var other = await HttpTarget.StartAsync(_ => Task.CompletedTask);
        await using var target = await HttpTarget.StartAsync(context =>
        {
            context.Response.Redirect(other.Url.ToString(), permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });

        (await FluentActions.Awaiting(() => HandleAsync(target.Url, Context())).Should().ThrowAsync<UnrecoverableJobException>())
            .Which.Message.Should().Contain("not followed");
        other.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task A_redirect_that_goes_round_in_circles_ends()
    {
        await using var target = await HttpTarget.StartAsync(context =>
        {
            context.Response.Redirect("/jobs", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });

        await FluentActions.Awaiting(() => HandleAsync(target.Url, Context())).Should().ThrowAsync<UnrecoverableJobException>();

        target.Requests.Should().HaveCount(4);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_tried_again()
    {
        var failure = await FluentActions.Awaiting(() => HandleAsync(new Uri($"http://127.0.0.1:{FreePort.Next()}/"), Context()))
            .Should().ThrowAsync<HttpRequestException>();

        Worker.Execution.OutcomeRules.Decide(Job("{}", 1), null, failure.Which, Worker.Execution.StopCause.None, 0.5)
            .Should().BeOfType<Worker.Execution.JobOutcome.Retried>();
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://[fe80::1]/")]
    [InlineData("http://[::ffff:169.254.169.254]/")]
    public async Task A_metadata_address_is_refused_when_it_is_dialled(string url)
    {
        (await FluentActions.Awaiting(() => HandleAsync(new Uri(url), Context())).Should().ThrowAsync<UnrecoverableJobException>())
            .Which.Message.Should().Contain("link-local or metadata address");
    }

    private static async Task HandleAsync(Uri url, JobContext context, int retries = 0, TimeSpan? callTimeout = null, TimeProvider? time = null)
    {
        using var handler = new HttpJobHandler(
            new HttpHandlerOptions { Url = url, Retries = retries, CallTimeout = callTimeout }, time ?? TimeProvider.System);
        using var bound = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await handler.HandleAsync(context, bound.Token);
    }

    private static JobContext Context(string payload = "{}", int attempt = 1) => new(Job(payload, attempt));

    private static JobEnvelope Job(string payload, int attempt) => new()
    {
        Id = JobId.Create("q", tracked: true, TimeProvider.System),
        Type = "email.send",
        Payload = Encoding.UTF8.GetBytes(payload),
        Retry = RetryPolicy.Default,
        Attempt = attempt,
        Epoch = 9,
        TraceParent = TraceParent,
    };

    private static RequestDelegate Answer(int status, string? contentType = null, string body = "", string? retryAfter = null) => async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        if (retryAfter is not null)
            context.Response.Headers.RetryAfter = retryAfter;
        if (body.Length > 0)
            await context.Response.WriteAsync(body, context.RequestAborted);
    };
}
