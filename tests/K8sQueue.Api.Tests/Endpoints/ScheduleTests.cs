using System.Net;
using System.Text;
using System.Text.Json;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Api.Tests.Endpoints;

public sealed class ScheduleTests
{
    private const string Path = "/v1/queues/emails/schedules/s";
    private const string Minimal = """{"cron":"0 0 1 1 *","job":{"type":"t"}}""";

    [Fact]
    public async Task A_schedule_is_made_read_replaced_and_deleted()
    {
        await using var api = new TestApi();
        var made = await PutAsync(api, Path, """
            {
              "cron": "0 30 4 ? * MON", "timeZone": "Asia/Kathmandu", "misfire": "skip", "graceSeconds": 1.5, "overlap": "skip",
              "job": {
                "type": "report", "payload": {"n": 1.0}, "priority": "high", "maxAttempts": 2, "timeoutSeconds": 60, "tracked": false, "tags": ["a"],
                "backoff": {"type": "custom", "delaysSeconds": [1, 60]}, "concurrency": {"key": "k", "limit": 3}, "retentionSeconds": 5
              }
            }
            """);
        var document = await made.ShouldBeAsync(HttpStatusCode.Created);
        made.Headers.Location!.OriginalString.Should().Be(Path);
        var read = await (await api.Client().GetAsync(Path)).ShouldBeAsync(HttpStatusCode.OK);
        read.GetRawText().Should().Be(document.GetRawText());
        read.GetProperty("state").GetString().Should().Be("active");
        var next = read.GetProperty("nextFireAt").GetDateTimeOffset();
        (next.Offset, next.Minute, next.ToOffset(TimeSpan.FromMinutes(345)).DayOfWeek).Should().Be((TimeSpan.Zero, 45, DayOfWeek.Monday));
        (read.GetProperty("misfire").GetString(), read.GetProperty("graceSeconds").GetDouble(), read.GetProperty("overlap").GetString())
            .Should().Be(("skip", 1.5, "skip"));
        read.GetProperty("job").GetRawText().Should().Be(
            """{"type":"report","payload":{"n": 1.0},"priority":"high","maxAttempts":2,"backoff":{"type":"custom","delaySeconds":1,"maxDelaySeconds":900,"jitter":0.2,"delaysSeconds":[1,60]},"timeoutSeconds":60,"tracked":false,"concurrency":{"key":"k","limit":3},"tags":["a"],"retentionSeconds":5}""");

        var replaced = await (await PutAsync(api, Path, Minimal)).ShouldBeAsync(HttpStatusCode.OK);
        replaced.GetProperty("timeZone").GetString().Should().Be("UTC");
        (replaced.GetProperty("misfire").GetString(), replaced.GetProperty("graceSeconds").GetDouble(), replaced.GetProperty("overlap").GetString())
            .Should().Be(("fireOnce", 60, "allow"));

        (await api.Client().DeleteAsync(Path)).StatusCode.Should().Be(HttpStatusCode.NoContent);
        await (await api.Client().DeleteAsync(Path)).ShouldBeProblemAsync("schedule-not-found");
        await (await api.Client().GetAsync(Path)).ShouldBeProblemAsync("schedule-not-found");
    }

    [Fact]
    public async Task Schedules_are_listed_by_name_in_pages()
    {
        await using var api = new TestApi();
        foreach (var name in new[] { "c", "a", "b" })
            await PutAsync(api, $"/v1/queues/emails/schedules/{name}", Minimal);

        var first = await (await api.Client().GetAsync("/v1/queues/emails/schedules?limit=2")).ShouldBeAsync(HttpStatusCode.OK);
        Names(first).Should().Equal("a", "b");
        var second = await (await api.Client().GetAsync($"/v1/queues/emails/schedules?limit=2&after={first.GetProperty("next").GetString()}"))
            .ShouldBeAsync(HttpStatusCode.OK);
        Names(second).Should().Equal("c");
        second.TryGetProperty("next", out _).Should().BeFalse();
        Names(await (await api.Client().GetAsync("/v1/queues/other/schedules")).ShouldBeAsync(HttpStatusCode.OK)).Should().BeEmpty();
        await (await api.Client().GetAsync("/v1/queues/emails/schedules?limit=101")).ShouldBeProblemAsync("invalid-parameter");
    }

    [Fact]
    public async Task A_schedule_is_paused_resumed_and_triggered()
    {
        await using var api = new TestApi();
        await PutAsync(api, Path, """{"cron":"0 0 1 1 *","overlap":"skip","job":{"type":"t","payload":5}}""");
        (await PostAsync(api, "pause")).StatusCode.Should().Be(HttpStatusCode.NoContent);
        var paused = await (await api.Client().GetAsync(Path)).JsonAsync();
        paused.GetProperty("state").GetString().Should().Be("paused");
        paused.TryGetProperty("nextFireAt", out _).Should().BeFalse();

        var triggered = await PostAsync(api, "trigger");
        var id = (await triggered.ShouldBeAsync(HttpStatusCode.Accepted)).GetProperty("id").GetString();
        triggered.Headers.Location!.OriginalString.Should().Be($"/v1/jobs/{id}");
        var again = await (await PostAsync(api, "trigger")).ShouldBeAsync(HttpStatusCode.OK);
        again.GetProperty("duplicate").GetBoolean().Should().BeTrue();
        again.GetProperty("id").GetString().Should().Be(id);
        var job = await (await api.Client().GetAsync(triggered.Headers.Location)).JsonAsync();
        job.GetProperty("schedule").GetString().Should().Be("s");
        job.GetProperty("scheduledFor").GetDateTimeOffset().Should().BeCloseTo(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(1));

        (await PostAsync(api, "resume")).StatusCode.Should().Be(HttpStatusCode.NoContent);
        (await (await api.Client().GetAsync(Path)).JsonAsync()).GetProperty("state").GetString().Should().Be("active");
        foreach (var verb in new[] { "pause", "resume", "trigger" })
            await (await api.Client().PostAsync($"/v1/queues/emails/schedules/none/{verb}", null)).ShouldBeProblemAsync("schedule-not-found");
    }

    [Fact]
    public async Task A_tag_says_whether_a_schedule_is_still_the_one_that_was_read()
    {
        await using var api = new TestApi();
        var made = await PutAsync(api, Path, Minimal, "If-None-Match", "*");
        await made.ShouldBeAsync(HttpStatusCode.Created);
        var first = made.Headers.ETag!.ToString();
        (await PutAsync(api, Path, Minimal, "If-None-Match", "*")).StatusCode.Should().Be(HttpStatusCode.PreconditionFailed, "there is one");
        var read = await GetAsync(api, first);
        (read.StatusCode, await read.Content.ReadAsStringAsync(), read.Headers.ETag!.ToString()).Should().Be((HttpStatusCode.NotModified, "", first));
        (await GetAsync(api, $"\"x\", W/{first}")).StatusCode.Should().Be(HttpStatusCode.NotModified);
        (await GetAsync(api, "\"x\"")).Headers.ETag!.ToString().Should().Be(first);

        var second = (await PutAsync(api, Path, Minimal, "If-Match", $"\"x\", {first}")).Headers.ETag!.ToString();
        second.Should().NotBe(first);
        (await GetAsync(api, first)).StatusCode.Should().Be(HttpStatusCode.OK);
        foreach (var stale in new[] { first, $"W/{second}", "\"\"", "\"x\"", "\"-\"" })
        {
            var problem = await (await PutAsync(api, Path, Minimal, "If-Match", stale)).ShouldBeProblemAsync("schedule-changed");
            problem.GetProperty("detail").GetString().Should().Contain("read it again");
            await (await DeleteAsync(api, stale)).ShouldBeProblemAsync("schedule-changed");
        }

        (await PostAsync(api, "pause")).StatusCode.Should().Be(HttpStatusCode.NoContent);
        await (await PutAsync(api, Path, Minimal, "If-Match", second)).ShouldBeProblemAsync("schedule-changed");
        (await PutAsync(api, Path, Minimal, "If-Match", "*")).StatusCode.Should().Be(HttpStatusCode.OK);
        (await DeleteAsync(api, (await api.Client().GetAsync(Path)).Headers.ETag!.ToString())).StatusCode.Should().Be(HttpStatusCode.NoContent);
        await (await PutAsync(api, Path, Minimal, "If-Match", "*")).ShouldBeProblemAsync("schedule-changed");
        await (await DeleteAsync(api, second)).ShouldBeProblemAsync("schedule-not-found");
    }

    [Fact]
    public async Task A_schedule_that_fired_is_read_anew_and_changed_by_the_tag_of_before()
    {
        await using var api = new TestApi();
        var tag = (await PutAsync(api, Path, """{"cron":"* * * * * ?","job":{"type":"t"}}""")).Headers.ETag!.ToString();
        await Testing.Eventually.IsTrue(async () => (await GetAsync(api, tag)).StatusCode == HttpStatusCode.OK);
        (await PutAsync(api, Path, Minimal, "If-Match", tag)).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_is_another_one_or_gone_as_soon_as_it_was_put_is_answered_as_it_was_put_and_without_a_tag()
    {
        await using var api = new TestApi();
        var theirs = new JobSchedule { Name = "s", Cron = "@daily", Job = new Core.Jobs.JobRequest { Queue = "emails", Type = "theirs" } };
        Then(async () => await api.Queue.PutScheduleAsync(theirs, CancellationToken.None));
        var replaced = await PutAsync(api, Path, Minimal);
        (await replaced.ShouldBeAsync(HttpStatusCode.Created)).GetProperty("job").GetProperty("type").GetString().Should().Be("t");
        replaced.Headers.ETag.Should().BeNull();

        Then(async () => await api.Queue.DeleteScheduleAsync("emails", "s", CancellationToken.None));
        var deleted = await PutAsync(api, Path, Minimal);
        (await deleted.ShouldBeAsync(HttpStatusCode.OK)).GetProperty("cron").GetString().Should().Be("0 0 1 1 *");
        deleted.Headers.ETag.Should().BeNull();
        await (await api.Client().GetAsync(Path)).ShouldBeProblemAsync("schedule-not-found");

        Then(async () => await api.Queue.SetSchedulePausedAsync("emails", "s", true, CancellationToken.None));
        var paused = await PutAsync(api, Path, Minimal);
        (await paused.ShouldBeAsync(HttpStatusCode.Created)).GetProperty("state").GetString().Should().Be("paused");
        paused.Headers.ETag!.ToString().Should().Be((await api.Client().GetAsync(Path)).Headers.ETag!.ToString());

        void Then(Func<Task> act) => api.Queue.OnSchedulePut = () =>
        {
            api.Queue.OnSchedulePut = () => Task.CompletedTask;
            return act();
        };
    }

    [Theory]
    [InlineData("If-Match", "x")]
    [InlineData("If-Match", "\"x")]
    [InlineData("If-None-Match", "\"x\"")]
    [InlineData("If-None-Match", "x")]
    public async Task A_condition_that_is_none_is_refused(string header, string value)
    {
        await using var api = new TestApi();
        var problem = await (await PutAsync(api, Path, Minimal, header, value)).ShouldBeProblemAsync("invalid-parameter");
        problem.GetProperty("field").GetString().Should().Be(header);
        (await api.Queue.ListSchedulesAsync("emails", null, 1, CancellationToken.None)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_schedule_fires_though_there_is_no_worker_and_the_queue_never_had_a_job()
    {
        await using var api = new TestApi();
        await PutAsync(api, Path, """{"cron":"* * * * * ?","job":{"type":"t"}}""");
        await Testing.Eventually.IsTrue(async () =>
            (await api.Queue.GetStatisticsAsync("emails", CancellationToken.None)).Backlog.Waiting > 0);
        (await (await api.Client().GetAsync(Path)).JsonAsync()).TryGetProperty("lastJobId", out _).Should().BeTrue();
    }

    [Theory]
    [InlineData("""{"job":{"type":"t"}}""", "cron", "required")]
    [InlineData("""{"cron":null,"job":{"type":"t"}}""", "cron", "1 to 256")]
    [InlineData("""{"cron":5,"job":{"type":"t"}}""", "cron", "a string")]
    [InlineData("""{"cron":"","job":{"type":"t"}}""", "cron", "1 to 256")]
    [InlineData("""{"cron":"* * *","job":{"type":"t"}}""", "cron", "3 fields")]
    [InlineData("""{"cron":"61 * * * *","job":{"type":"t"}}""", "cron", "between 0 and 59")]
    [InlineData("""{"cron":"* * * * *","timeZone":"Mars/Olympus","job":{"type":"t"}}""", "timeZone", "IANA")]
    [InlineData("""{"cron":"* * * * *","timeZone":7,"job":{"type":"t"}}""", "timeZone", "a string")]
    [InlineData("""{"cron":"* * * * *","misfire":"FireOnce","job":{"type":"t"}}""", "misfire", "fireAll")]
    [InlineData("""{"cron":"* * * * *","graceSeconds":-1,"job":{"type":"t"}}""", "graceSeconds", "from 0")]
    [InlineData("""{"cron":"* * * * *","overlap":"queue","job":{"type":"t"}}""", "overlap", "allow or skip")]
    [InlineData("""{"cron":"* * * * *"}""", "job", "required")]
    [InlineData("""{"cron":"* * * * *","job":null}""", "job", "an object")]
    [InlineData("""{"cron":"* * * * *","job":[]}""", "job", "an object")]
    [InlineData("""{"cron":"* * * * *","job":{}}""", "job.type", "required")]
    [InlineData("""{"cron":"* * * * *","job":{"type":"t","retries":1}}""", "job.retries", "not a field")]
    [InlineData("""{"cron":"* * * * *","job":{"type":"t","backoff":{"jitter":2}}}""", "job.backoff.jitter", "from 0 to 1")]
    [InlineData("""{"cron":"* * * * *","job":{"type":"t","delaySeconds":1}}""", "job.delaySeconds", "due")]
    [InlineData("""{"cron":"* * * * *","overlap":"skip","job":{"type":"t","deduplication":{"key":"k","untilDone":true}}}""", "job.deduplication", "overlap")]
    [InlineData("""{"cron":"* * * * *","cron":"* * * * *","job":{"type":"t"}}""", "cron", "twice")]
    [InlineData("""{"name":"x","cron":"* * * * *","job":{"type":"t"}}""", "name", "not a field")]
    [InlineData("""[{"cron":"* * * * *"}]""", null, "an array")]
    public async Task An_invalid_schedule_is_refused_by_the_name_of_its_field(string body, string? field, string detail)
    {
        await using var api = new TestApi();
        var response = await PutAsync(api, Path, body);
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var problem = await response.ShouldBeProblemAsync("invalid-schedule");
        (problem.TryGetProperty("field", out var named) ? named.GetString() : null).Should().Be(field);
        problem.GetProperty("detail").GetString().Should().Contain(detail);
    }

    [Fact]
    public async Task What_is_no_JSON_too_large_or_of_another_type_is_refused_as_elsewhere()
    {
        await using var api = new TestApi();
        (await (await PutAsync(api, Path, """{"cron":"* * * * *","job":{"type":}}""")).ShouldBeProblemAsync("malformed-json"))
            .GetProperty("position").GetInt32().Should().Be(35);
        (await (await PutAsync(api, Path, $$$"""{"cron":"* * * * *","job":{"type":"t","payload":"{{{new string('x', 65_536)}}}"}}""")).ShouldBeProblemAsync("too-large"))
            .GetProperty("field").GetString().Should().Be("job.payload");
        (await (await PutAsync(api, Path, $$$"""{"cron":"* * * * *","job":{"type":"t","payload":{{{new string('[', 65)}}}{{{new string(']', 65)}}}}}""")).ShouldBeProblemAsync("json-too-deep"))
            .GetProperty("field").GetString().Should().Be("job.payload");
        (await PutAsync(api, Path, $$$"""{"cron":"* * * * *","job":{"type":"t","payload":{{{new string('[', 64)}}}{{{new string(']', 64)}}}}}"""))
            .StatusCode.Should().Be(HttpStatusCode.Created);
        (await PutAsync(api, Path, new string(' ', 1_200_000))).StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        await (await api.Client().PutAsync(Path, new StringContent(Minimal, Encoding.UTF8, "text/plain"))).ShouldBeProblemAsync("unsupported-media-type");
        await (await PutAsync(api, "/v1/queues/E/schedules/s", Minimal)).ShouldBeProblemAsync("invalid-queue-name");
        (await (await PutAsync(api, "/v1/queues/emails/schedules/a:v", Minimal)).ShouldBeProblemAsync("invalid-schedule"))
            .GetProperty("field").GetString().Should().Be("name");
    }

    [Fact]
    public async Task A_schedule_that_this_program_can_not_work_with_says_why()
    {
        await using var api = new TestApi();
        await PutAsync(api, Path, Minimal);
        api.Queue.ScheduleStatus = status => status with { State = ScheduleState.Invalid, Schedule = null, Problem = "It can't be read." };
        var document = await (await api.Client().GetAsync(Path)).ShouldBeAsync(HttpStatusCode.OK);
        document.GetProperty("state").GetString().Should().Be("invalid");
        document.GetProperty("problem").GetString().Should().Be("It can't be read.");
        document.TryGetProperty("job", out _).Should().BeFalse();

        api.Queue.Fault = () => new JobQueueFullException("Redis is full.");
        await (await PutAsync(api, Path, Minimal)).ShouldBeProblemAsync("broker-full");
        api.Queue.Fault = () => new ArgumentException("The queue emails has 1000 schedules, the most that it may.");
        (await (await PutAsync(api, Path, Minimal)).ShouldBeProblemAsync("invalid-schedule")).GetProperty("detail").GetString().Should().Contain("1000");
    }

    private static IEnumerable<string?> Names(JsonElement page) =>
        page.GetProperty("schedules").EnumerateArray().Select(s => s.GetProperty("name").GetString());

    private static Task<HttpResponseMessage> PutAsync(TestApi api, string path, string body) =>
        api.Client().PutAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));

    private static Task<HttpResponseMessage> PutAsync(TestApi api, string path, string body, string header, string value)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        return SendAsync(api, request, header, value);
    }

    private static Task<HttpResponseMessage> GetAsync(TestApi api, string tag) => SendAsync(api, new HttpRequestMessage(HttpMethod.Get, Path), "If-None-Match", tag);

    private static Task<HttpResponseMessage> DeleteAsync(TestApi api, string tag) => SendAsync(api, new HttpRequestMessage(HttpMethod.Delete, Path), "If-Match", tag);

    private static async Task<HttpResponseMessage> SendAsync(TestApi api, HttpRequestMessage request, string header, string value)
    {
        request.Headers.TryAddWithoutValidation(header, value);
        using (request)
            return await api.Client().SendAsync(request);
    }

    private static Task<HttpResponseMessage> PostAsync(TestApi api, string verb) => api.Client().PostAsync($"{Path}/{verb}", null);
}
