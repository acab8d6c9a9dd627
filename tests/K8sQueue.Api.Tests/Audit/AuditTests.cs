using System.Net;
using System.Text.Json;
using K8sQueue.Api.Audit;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Tests.Audit;

public sealed class AuditTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    [Fact]
    public async Task A_management_act_is_kept_with_who_did_what_where_and_how_it_ended()
    {
        await using var api = new TestApi();
        using var client = api.Client();
        var job = JobId.Create("emails", tracked: true, TimeProvider.System).Value;
        client.DefaultRequestHeaders.Add("traceparent", $"00-{Trace}-00f067aa0ba902b7-01");
        await client.PostAsync("/v1/queues/emails/pause", null);
        await client.PostAsync($"/v1/jobs/{job}/cancel", null);
        await client.DeleteAsync("/v1/queues/emails/schedules/nightly?secret=x");

        var entries = await ListAsync(api);

        entries.Should().HaveCount(3);
        Line(entries[2]).Should().Be("tests manage POST /v1/queues/{queue}/pause emails  204");
        Line(entries[1]).Should().Be($"tests manage POST /v1/jobs/{{id}}/cancel emails {job} 404");
        Line(entries[0]).Should().Be("tests manage DELETE /v1/queues/{queue}/schedules/{name} emails nightly 404");
        entries.Should().OnlyContain(entry => entry.GetProperty("traceId").GetString() == Trace);
        entries[0].GetProperty("at").GetDateTimeOffset().Should().BeCloseTo(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task An_act_that_was_refused_is_kept_and_what_only_reads_or_has_no_key_is_not()
    {
        await using var api = new TestApi();
        using var reader = api.Client(api.AddKey("reader", "verbs=read"));
        (await reader.PostAsync("/v1/queues/emails/pause", null)).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await reader.GetAsync("/v1/queues/emails")).StatusCode.Should().Be(HttpStatusCode.OK);
        (await api.CreateClient().PostAsync("/v1/queues/emails/pause", null)).StatusCode.Should().Be(HttpStatusCode.Unauthorized);

        (await ListAsync(api)).Select(Line).Should().Equal("reader manage POST /v1/queues/{queue}/pause emails  403");
    }

    [Fact]
    public async Task Of_an_act_on_many_jobs_it_is_kept_which_were_meant_and_how_many_changed()
    {
        await using var api = new TestApi();
        for (var i = 0; i < 3; i++)
            await api.PostAsync("/v1/queues/emails/jobs", $$"""{"type":"{{(i == 0 ? "other" : "a b")}}"}""");
        await api.PostAsync("/v1/queues/emails/jobs/cancel?state=waiting&type=a%20b&dryRun=true", "");
        await api.PostAsync("/v1/queues/emails/jobs/cancel?state=waiting&type=a%20b&before=2999-01-01T00:00:00Z", "");
        await api.Client().DeleteAsync($"/v1/queues/emails/dead-letters?error={new string('x', 600)}");
        await api.PostAsync("/v1/queues/emails/dead-letters/redrive?reason=Poison", "");

        var entries = await ListAsync(api);

        entries.Should().HaveCount(3, "a dry run is no act");
        Many(entries[2]).Should().Be(("state=waiting&type=a%20b&before=2999-01-01T00%3A00%3A00Z", 2));
        Many(entries[1]).Should().Be(($"error={new string('x', AuditFilter.MaxLength - 9)}...", 0));
        Many(entries[0]).Should().Be(("reason=Poison", 0));

        static (string?, int) Many(JsonElement entry) => (entry.GetProperty("filter").GetString(), entry.GetProperty("changed").GetInt32());
    }

    [Fact]
    public async Task Pages_follow_one_another_to_the_end()
    {
        await using var api = new TestApi();
        for (var i = 0; i < 5; i++)
            await api.PostAsync($"/v1/queues/q{i}/pause", "");

        var queues = new List<string?>();
        string? after = null;
        do
        {
            var page = await (await api.Client().GetAsync($"/v1/audit?limit=2{(after is null ? "" : $"&after={after}")}")).ShouldBeAsync(HttpStatusCode.OK);
            queues.AddRange(page.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("queue").GetString()));
            after = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (after is not null);

        queues.Should().Equal("q4", "q3", "q2", "q1", "q0");
    }

    [Theory]
    [InlineData("after=17")]
    [InlineData("after=")]
    [InlineData("after=99999999999999999999-0")]
    [InlineData("after=%F0%9F%98%80-1")]
    [InlineData("limit=0")]
    [InlineData("limit=101")]
    [InlineData("limit=ten")]
    public async Task Bad_parameters_are_named(string query)
    {
        await using var api = new TestApi();
        var problem = await (await api.Client().GetAsync($"/v1/audit?{query}")).ShouldBeProblemAsync("invalid-parameter");
        problem.GetProperty("field").GetString().Should().Be(query[..query.IndexOf('=', StringComparison.Ordinal)]);
    }

    [Fact]
    public async Task A_line_a_mutation_is_logged_without_what_it_says()
    {
        var (api, logs) = Logged(enqueues: true);
        await using var logged = api;
        using var client = logged.Client();
        await logged.PostAsync("/v1/queues/emails/pause?token=secret", "");
        await logged.PostAsync("/v1/queues/%0Aemails/pause", "");
        var accepted = await (await logged.PostAsync("/v1/queues/emails/jobs", """{"type":"t","payload":"secret"}""")).JsonAsync();
        await client.GetAsync("/v1/queues/emails");

        var lines = logs.Entries.Where(entry => entry.Contains(AuditMiddleware.Category, StringComparison.Ordinal)).ToArray();

        lines.Should().HaveCount(3);
        lines[0].Should().StartWith($"Information {AuditMiddleware.Category}: tests manage POST /v1/queues/{{queue}}/pause queue=emails subject= filter= changed= status=204 trace=");
        lines[1].Should().Contain("queue= subject=").And.Contain("status=400").And.NotContain("\n");
        lines[2].Should().StartWith($"Information {AuditMiddleware.EnqueuesCategory}: tests enqueue POST /v1/queues/{{queue}}/jobs queue=emails subject={accepted.GetProperty("id").GetString()} filter= changed= status=202");
        lines.Should().NotContain(line => line.Contains("secret", StringComparison.Ordinal) || line.Contains(logged.Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Enqueues_are_not_logged_unless_asked_for_and_never_kept()
    {
        var (api, logs) = Logged(enqueues: false);
        await using var logged = api;
        await logged.PostAsync("/v1/queues/emails/jobs", """{"type":"t"}""");

        logs.Entries.Should().NotContain(entry => entry.Contains(AuditMiddleware.Category, StringComparison.Ordinal));
        (await ListAsync(logged)).Should().BeEmpty();
    }

    [Fact]
    public async Task What_the_broker_does_not_write_down_is_done_all_the_same_and_warned_of()
    {
        var (api, logs) = Logged(enqueues: false);
        await using var logged = api;
        logged.Queue.AuditFault = () => new InvalidOperationException("no room");

        (await logged.PostAsync("/v1/queues/emails/pause", "")).StatusCode.Should().Be(HttpStatusCode.NoContent);

        logs.Entries.Should().Contain(entry => entry.StartsWith($"Warning {AuditMiddleware.Category}", StringComparison.Ordinal) && entry.Contains("no room", StringComparison.Ordinal));
        (await logged.Queue.GetStatisticsAsync("emails", CancellationToken.None)).Backlog.Paused.Should().BeTrue();
    }

    private static (TestApi Api, LogCollector Logs) Logged(bool enqueues)
    {
        var logs = new LogCollector();
        return (enqueues
            ? new TestApi(($"Logging:LogLevel:{AuditMiddleware.EnqueuesCategory}", "Information")) { Logs = logs }
            : new TestApi { Logs = logs }, logs);
    }

    private static async Task<IReadOnlyList<JsonElement>> ListAsync(TestApi api) =>
        [.. (await (await api.Client().GetAsync("/v1/audit")).ShouldBeAsync(HttpStatusCode.OK)).GetProperty("entries").EnumerateArray()];

    private static string Line(JsonElement entry) => string.Join(' ', new[] { "key", "verb", "method", "route", "queue", "subject", "status" }
        .Select(name => entry.TryGetProperty(name, out var value) ? value.ToString() : ""));
}
