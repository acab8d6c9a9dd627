using System.Net;
using System.Text.Json;
using K8sQueue.Api.Audit;
using K8sQueue.Api.Dashboard.Login;
using K8sQueue.Core.InMemory;
using K8sQueue.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace K8sQueue.Api.Tests.Dashboard;

public sealed class LoginAuditTests
{
    [Fact]
    public async Task Who_logs_in_is_refused_and_logs_out_is_in_the_audit_log_without_a_key()
    {
        var logs = new LogCollector();
        await using var api = new TestApi { Logs = logs };
        var visitor = await Visitor.LoggedInAsync(api);
        await new Visitor(api).PostAsync("/login", ("key", "k8sq_guess"));
        await visitor.PostAsync("/queues/q/pause");
        await visitor.PostAsync("/logout");

        (await LinesAsync(api, "")).Should().Equal("tests POST /logout 302 ", "tests POST /queues/{queue}/pause 302 ", " POST /login 401 The API key is not known.", "tests POST /login 302 ");
        (await LinesAsync(api, "?verb=login")).Should().Equal("tests POST /logout 302 ", " POST /login 401 The API key is not known.", "tests POST /login 302 ");
        (await LinesAsync(api, "?verb=manage")).Should().Equal("tests POST /queues/{queue}/pause 302 ");
        (await (await api.Client().GetAsync("/v1/audit?verb=read")).ShouldBeProblemAsync("invalid-parameter")).GetProperty("field").GetString().Should().Be("verb");
        logs.Entries.Where(entry => entry.Contains(AuditMiddleware.Category, StringComparison.Ordinal)).Should().HaveCount(4)
            .And.NotContain(entry => entry.Contains("k8sq_guess", StringComparison.Ordinal) || entry.Contains(api.Secret, StringComparison.Ordinal));

        var page = await (await Visitor.LoggedInAsync(api)).ReadAsync("/audit?verb=login");
        page.Should().Contain("POST /logout").And.Contain("The API key is not known.").And.NotContain("/pause");
    }

    [Fact]
    public async Task Pages_of_one_verb_follow_one_another_over_whatever_is_between()
    {
        await using var api = new TestApi();
        for (var i = 0; i < 3; i++)
        {
            await Visitor.LoggedInAsync(api);
            for (var j = 0; j < 250; j++)
                await api.Queue.Audit.AddAsync(new Core.Audit.AuditAct { Key = "tests", Verb = "manage", Method = "POST", Route = "/", Status = 204 }, CancellationToken.None);
        }

        var pages = new List<int>();
        string? after = "";
        while (after is not null)
        {
            var page = await (await api.Client().GetAsync($"/v1/audit?verb=login&limit=2{after}")).ShouldBeAsync(HttpStatusCode.OK);
            pages.Add(page.GetProperty("entries").GetArrayLength());
            after = page.TryGetProperty("next", out var next) ? $"&after={next.GetString()}" : null;
        }

        pages.Should().Equal(2, 1);
    }

    [Fact]
    public async Task A_flood_of_refused_logins_is_counted_and_does_not_push_acts_out()
    {
        await using var jobs = new InMemoryJobQueue();
        var time = new ManualTimeProvider();
        using var sut = new LoginAudit(jobs, NullLoggerFactory.Instance, time);
        await sut.StartAsync(CancellationToken.None);
        for (var i = 0; i < 1_000; i++)
            await RefuseAsync();
        await sut.DoneAsync(new DefaultHttpContext(), "/login", "shop", 302);
        (await ReasonsAsync()).Should().Equal([null, .. Enumerable.Repeat("why", LoginAudit.MaxRefusals)]);

        await Eventually.IsTrue(async () =>
        {
            time.Advance(LoginAudit.Interval);
            return (await ReasonsAsync())[0] == $"{1_000 - LoginAudit.MaxRefusals} more logins were refused within 10 minutes. The log has them.";
        });
        await RefuseAsync();
        (await ReasonsAsync())[0].Should().Be("why", "another interval began");
        time.Advance(LoginAudit.Interval);
        (await ReasonsAsync()).Should().HaveCount(LoginAudit.MaxRefusals + 3, "there were no more");
        await sut.StopAsync(CancellationToken.None);

        Task RefuseAsync() => sut.RefusedAsync(new DefaultHttpContext(), "/login", "", 401, "why");

        async Task<IReadOnlyList<string?>> ReasonsAsync() =>
            [.. (await jobs.Audit.ListAsync(before: null, 100, CancellationToken.None)).Select(entry => entry.Act.Reason)];
    }

    [Fact]
    public async Task A_broker_that_is_away_keeps_nobody_from_logging_in()
    {
        await using var api = new TestApi();
        api.Queue.AuditFault = () => new Core.Queues.JobQueueUnavailableException("down");
        var visitor = await Visitor.LoggedInAsync(api);
        (await visitor.PostAsync("/logout")).StatusCode.Should().Be(HttpStatusCode.Redirect);
    }

    private static async Task<IEnumerable<string>> LinesAsync(TestApi api, string query)
    {
        var page = await (await api.Client().GetAsync($"/v1/audit{query}")).ShouldBeAsync(HttpStatusCode.OK);
        return page.GetProperty("entries").EnumerateArray().Select(entry =>
            $"{Text(entry, "key")} {Text(entry, "method")} {Text(entry, "route")} {Text(entry, "status")} {Text(entry, "reason")}");
    }

    private static string Text(JsonElement entry, string name) => entry.TryGetProperty(name, out var value) ? value.ToString() : "";
}
