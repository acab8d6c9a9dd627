using System.Net;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Tests.Endpoints;

public sealed class JobActionTests
{
    private const string Jobs = "/v1/queues/emails/jobs";

    [Fact]
    public async Task Jobs_that_fit_are_counted_and_cancelled_in_parts_and_a_repetition_does_no_harm()
    {
        await using var api = new TestApi();
        for (var i = 0; i < 9; i++)
            await api.PostAsync(Jobs, $$"""{"type":"{{(i % 3 == 0 ? "other" : "t")}}","tags":["all"]}""");

        var count = await ActAsync(api, "cancel?state=waiting&type=t&tag=all&dryRun=true");
        count.ToString().Should().Be("""{"matched":6}""");
        var first = await ActAsync(api, "cancel?state=waiting&type=t&limit=4");
        (first.GetProperty("matched").GetInt32(), first.GetProperty("done").GetInt32(), first.GetProperty("requested").GetInt32(), first.GetProperty("skipped").GetInt32())
            .Should().Be((4, 4, 0, 0));
        var next = Uri.EscapeDataString(first.GetProperty("next").GetString()!);
        (await ActAsync(api, $"cancel?state=waiting&type=t&limit=4&after={next}")).ToString().Should().Be("""{"matched":2,"done":2,"requested":0,"skipped":0}""");
        (await ActAsync(api, "cancel?state=waiting&type=t")).GetProperty("matched").GetInt32().Should().Be(0);
        (await api.Queue.GetStatisticsAsync("emails", CancellationToken.None)).Should().BeEquivalentTo(new { CancelledTotal = 6L, Backlog = new Backlog(3, 0, false) });
    }

    [Fact]
    public async Task Those_that_run_are_told_to_stop()
    {
        await using var api = new TestApi();
        await api.PostAsync(Jobs, """{"type":"t"}""");
        var lease = (await api.Queue.FetchAsync("emails")).Single();
        (await ActAsync(api, "cancel?state=running")).ToString().Should().Be("""{"matched":1,"done":0,"requested":1,"skipped":0}""");
        lease.Cancelled.IsCancellationRequested.Should().BeTrue();
    }

    [Fact]
    public async Task Those_that_have_ended_run_again_or_are_deleted()
    {
        await using var api = new TestApi();
        const string Unique = """{"type":"t","deduplication":{"key":"k","untilDone":true}}""";
        await api.PostAsync(Jobs, Unique);
        await api.PostAsync(Jobs, """{"type":"t"}""");
        await ActAsync(api, "cancel?state=waiting");
        await api.PostAsync(Jobs, Unique);

        (await ActAsync(api, "retry?state=cancelled")).ToString().Should().Be("""{"matched":2,"done":1,"skipped":1}""");
        var deleted = await (await api.Client().DeleteAsync($"{Jobs}?state=cancelled&before=2999-01-01T00:00:00Z")).ShouldBeAsync(HttpStatusCode.OK);
        deleted.ToString().Should().Be("""{"matched":1,"done":1,"skipped":0}""");
    }

    [Fact]
    public async Task What_was_done_is_written_down_and_a_count_is_not()
    {
        await using var api = new TestApi();
        await ActAsync(api, "cancel?state=waiting&dryRun=true");
        await ActAsync(api, "cancel?state=waiting");
        var acts = await api.Queue.Audit.ListAsync(before: null, 10, CancellationToken.None);
        acts.Should().ContainSingle().Which.Act.Should().BeEquivalentTo(new { Route = "/v1/queues/{queue}/jobs/cancel", Queue = "emails", Status = 200 });
    }

    [Theory]
    [InlineData("cancel", "", "state")]
    [InlineData("cancel", "state=completed", "state")]
    [InlineData("cancel", "state=dead", "state")]
    [InlineData("retry", "state=waiting", "state")]
    [InlineData("retry", "state=completed", "state")]
    [InlineData("cancel", "state=waiting&typ=t", "typ")]
    [InlineData("cancel", "state=waiting&before=soon", "before")]
    [InlineData("cancel", "state=waiting&after=x", "after")]
    [InlineData("cancel", "state=waiting&limit=10001", "limit")]
    [InlineData("cancel", "state=waiting&dryRun=yes", "dryRun")]
    public async Task Bad_parameters_are_named_and_nothing_is_done(string act, string query, string field)
    {
        await using var api = new TestApi();
        await api.PostAsync(Jobs, """{"type":"t"}""");
        using var response = await api.PostAsync($"{Jobs}/{act}?{query}", "");
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await response.ShouldBeProblemAsync("invalid-parameter")).GetProperty("field").GetString().Should().Be(field);
        (await api.Queue.GetStatisticsAsync("emails", CancellationToken.None)).Backlog.Waiting.Should().Be(1);
    }

    [Fact]
    public async Task A_broker_that_fails_in_between_is_said_and_the_rest_is_done_by_a_repetition()
    {
        await using var api = new TestApi();
        await api.PostAsync(Jobs, """{"type":"t"}""");
        api.Queue.Fault = () => new JobQueueUnavailableException("Redis does not answer.");
        await (await api.PostAsync($"{Jobs}/cancel?state=waiting", "")).ShouldBeProblemAsync("broker-unavailable");
        api.Queue.Fault = null;
        (await ActAsync(api, "cancel?state=waiting")).GetProperty("done").GetInt32().Should().Be(1);
    }

    private static async Task<System.Text.Json.JsonElement> ActAsync(TestApi api, string act) =>
        await (await api.PostAsync($"{Jobs}/{act}", "")).ShouldBeAsync(HttpStatusCode.OK);
}
