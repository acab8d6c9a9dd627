using System.Net;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Tests.Endpoints;

public sealed class DeadLetterTests
{
    [Fact]
    public async Task Dead_letters_are_listed_newest_first_in_pages()
    {
        await using var api = new TestApi();
        for (var i = 0; i < 3; i++)
            await BuryAsync(api, $$$"""{"type":"t{{{i}}}","payload":{"i": {{{i}}}}}""");

        var first = await (await api.Client().GetAsync("/v1/queues/emails/dead-letters?limit=2")).ShouldBeAsync(HttpStatusCode.OK);
        var letters = first.GetProperty("deadLetters").EnumerateArray().ToArray();
        letters.Select(l => l.GetProperty("type").GetString()).Should().Equal("t2", "t1");
        letters[0].GetProperty("reason").GetString().Should().Be(DeadLetterReasons.Unrecoverable);
        letters[0].GetProperty("error").GetString().Should().Be("boom <script>");
        letters[0].GetProperty("payload").GetRawText().Should().Be("""{"i": 2}""");
        letters[0].GetProperty("payloadBytes").GetInt32().Should().Be(8);
        var next = first.GetProperty("nextOffset").GetInt32();
        var second = await (await api.Client().GetAsync($"/v1/queues/emails/dead-letters?limit=2&offset={next}")).ShouldBeAsync(HttpStatusCode.OK);
        second.GetProperty("deadLetters").EnumerateArray().Select(l => l.GetProperty("type").GetString()).Should().Equal("t0");
        second.TryGetProperty("nextOffset", out _).Should().BeFalse();
    }

    [Fact]
    public async Task A_large_payload_is_left_out_of_the_list()
    {
        await using var api = new TestApi();
        await BuryAsync(api, $$"""{"type":"t","payload":"{{new string('x', 20_000)}}"}""");
        var page = await (await api.Client().GetAsync("/v1/queues/emails/dead-letters")).JsonAsync();
        var letter = page.GetProperty("deadLetters")[0];
        letter.TryGetProperty("payload", out _).Should().BeFalse();
        letter.GetProperty("payloadBytes").GetInt32().Should().Be(20_002);
    }

    [Fact]
    public async Task A_redriven_dead_letter_waits_again()
    {
        await using var api = new TestApi();
        var id = await BuryAsync(api, """{"type":"t"}""");
        var response = await api.Client().PostAsync($"/v1/queues/emails/dead-letters/{id}/redrive", null);
        var accepted = await response.ShouldBeAsync(HttpStatusCode.Accepted);
        accepted.GetProperty("id").GetString().Should().Be(id);
        response.Headers.Location!.OriginalString.Should().Be($"/v1/jobs/{id}");
        (await api.Queue.FetchAsync("emails")).Should().ContainSingle().Which.Job.Id.Value.Should().Be(id);

        var again = await api.Client().PostAsync($"/v1/queues/emails/dead-letters/{id}/redrive", null);
        again.StatusCode.Should().Be(HttpStatusCode.NotFound);
        await again.ShouldBeProblemAsync("dead-letter-not-found");
    }

    [Fact]
    public async Task A_dead_letter_is_redriven_only_through_its_own_queue()
    {
        await using var api = new TestApi();
        var id = await BuryAsync(api, """{"type":"t"}""");
        var response = await api.Client().PostAsync($"/v1/queues/other/dead-letters/{id}/redrive", null);
        await response.ShouldBeProblemAsync("dead-letter-not-found");
        (await api.Queue.GetStatisticsAsync("emails", CancellationToken.None)).DeadLetters.Should().Be(1);
    }

    [Fact]
    public async Task A_dead_letter_is_redriven_with_the_payload_of_the_body()
    {
        await using var api = new TestApi();
        var id = await BuryAsync(api, """{"type":"t","payload":{"n":"1"}}""");
        var path = $"/v1/queues/emails/dead-letters/{id}/redrive";

        await (await api.PostAsync(path, """{"payload": {"n": 1.00}, "type": "u"}""")).ShouldBeProblemAsync("invalid-job");
        await (await api.PostAsync(path, "{}")).ShouldBeProblemAsync("invalid-job");
        await (await api.PostAsync(path, "7")).ShouldBeProblemAsync("invalid-job");
        await (await api.PostAsync(path, """{"payload": """)).ShouldBeProblemAsync("malformed-json");
        await (await api.PostAsync(path, "x", "text/plain")).ShouldBeProblemAsync("unsupported-media-type");
        await (await api.PostAsync(path, """{"payload": {"n": 1.00}}""")).ShouldBeAsync(HttpStatusCode.Accepted);

        var job = (await api.Queue.FetchAsync("emails")).Should().ContainSingle().Subject.Job;
        System.Text.Encoding.UTF8.GetString(job.Payload.Span).Should().Be("""{"n": 1.00}""");
    }

    [Fact]
    public async Task Many_are_redriven_or_deleted_by_their_query()
    {
        await using var api = new TestApi();
        for (var i = 0; i < 4; i++)
            await BuryAsync(api, $$"""{"type":"t{{i % 2}}","tags":["n{{i}}"]}""");
        const string Path = "/v1/queues/emails/dead-letters";

        await (await api.Client().DeleteAsync(Path)).ShouldBeProblemAsync("invalid-parameter");
        await (await api.Client().DeleteAsync($"{Path}?typo=t1")).ShouldBeProblemAsync("invalid-parameter");
        await (await api.Client().PostAsync($"{Path}/redrive?reason=Because", null)).ShouldBeProblemAsync("invalid-parameter");
        await (await api.Client().PostAsync($"{Path}/redrive?after=yesterday", null)).ShouldBeProblemAsync("invalid-parameter");
        await (await api.Client().PostAsync($"{Path}/redrive?limit=0", null)).ShouldBeProblemAsync("invalid-parameter");
        var redriven = await (await api.Client().PostAsync($"{Path}/redrive?type=t1&reason=Unrecoverable&limit=1", null)).ShouldBeAsync(HttpStatusCode.OK);
        (redriven.GetProperty("redriven").GetInt32(), redriven.GetProperty("duplicates").GetInt32()).Should().Be((1, 0));
        var deleted = await (await api.Client().DeleteAsync($"{Path}?error=BOOM&before=2100-01-01T00:00:00Z&tag=n0")).ShouldBeAsync(HttpStatusCode.OK);
        deleted.GetRawText().Should().Be("""{"deleted":1}""");
        (await api.Queue.GetStatisticsAsync("emails", CancellationToken.None)).DeadLetters.Should().Be(2);
    }

    [Fact]
    public async Task A_dry_run_counts_what_would_be_redriven_or_deleted_and_touches_nothing()
    {
        await using var api = new TestApi();
        for (var i = 0; i < 4; i++)
            await BuryAsync(api, $$"""{"type":"t{{i % 2}}"}""");

        var redriven = await (await api.PostAsync("/v1/queues/emails/dead-letters/redrive?dryRun=true", "")).ShouldBeAsync(HttpStatusCode.OK);
        var deleted = await (await api.Client().DeleteAsync("/v1/queues/emails/dead-letters?type=t1&dryRun=true")).ShouldBeAsync(HttpStatusCode.OK);

        redriven.GetRawText().Should().Be("""{"matched":4}""");
        deleted.GetRawText().Should().Be("""{"matched":2}""");
        (await api.Queue.GetStatisticsAsync("emails", CancellationToken.None)).Should().BeEquivalentTo(new { DeadLetters = 4L, RedrivenTotal = 0L });
        (await api.Queue.Audit.ListAsync(before: null, 10, CancellationToken.None)).Should().BeEmpty("a dry run is no act");
    }

    [Theory]
    [InlineData("dryrun=true", "dryrun")]
    [InlineData("dryRun=yes", "dryRun")]
    [InlineData("typ=t", "typ")]
    [InlineData("offset=1", "offset")]
    [InlineData("cursor=x", "cursor")]
    [InlineData("limit=100001", "limit")]
    public Task Bad_parameters_are_named_and_nothing_is_done(string query, string field) => ShouldDoNothingAsync($"type=t&{query}", field);

    [Theory]
    [InlineData("error=", "error")]
    [InlineData("error=%20%09", "error")]
    [InlineData("type=", "type")]
    [InlineData("tag=", "tag")]
    public Task What_is_empty_does_not_mean_all(string query, string field) => ShouldDoNothingAsync(query, field);

    [Theory]
    [InlineData("before=05:00")]
    [InlineData("before=01/02/2026")]
    [InlineData("after=2026-01-01")]
    public async Task A_time_that_is_no_whole_one_deletes_nothing(string query)
    {
        await using var api = new TestApi();
        await BuryAsync(api, """{"type":"t"}""");
        var answer = await api.Client().DeleteAsync($"/v1/queues/emails/dead-letters?{query}");
        (await answer.ShouldBeProblemAsync("invalid-parameter")).GetProperty("field").GetString().Should().Be(query.Split('=')[0]);
        (await api.Queue.GetStatisticsAsync("emails", CancellationToken.None)).DeadLetters.Should().Be(1);
    }

    [Fact]
    public async Task Many_go_part_by_part_from_the_oldest_on_and_the_last_part_has_no_next()
    {
        await using var api = new TestApi();
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
            ids.Add(await BuryAsync(api, """{"type":"t"}"""));
        var parts = new List<int>();
        string? next = null;
        do
        {
            var cursor = next is null ? "" : $"&cursor={Uri.EscapeDataString(next)}";
            var part = await (await api.PostAsync($"/v1/queues/emails/dead-letters/redrive?type=t&limit=2{cursor}", "")).ShouldBeAsync(HttpStatusCode.OK);
            parts.Add(part.GetProperty("redriven").GetInt32());
            next = part.TryGetProperty("next", out var value) ? value.GetString() : null;
        }
        while (next is not null);

        parts.Should().Equal(2, 2, 1);
        (await api.Queue.FetchAsync("emails")).Select(lease => lease.Job.Id.Value).Should().Equal(ids);
    }

    [Fact]
    public async Task One_is_deleted_by_its_id()
    {
        await using var api = new TestApi();
        var id = await BuryAsync(api, """{"type":"t"}""");
        await (await api.Client().DeleteAsync($"/v1/queues/other/dead-letters/{id}")).ShouldBeProblemAsync("dead-letter-not-found");
        (await api.Client().DeleteAsync($"/v1/queues/emails/dead-letters/{id}")).StatusCode.Should().Be(HttpStatusCode.NoContent);
        await (await api.Client().DeleteAsync($"/v1/queues/emails/dead-letters/{id}")).ShouldBeProblemAsync("dead-letter-not-found");
    }

    [Theory]
    [InlineData("offset=-1", "offset")]
    [InlineData("offset=2147483647", "offset")]
    [InlineData("limit=26", "limit")]
    public async Task A_bad_page_is_refused(string query, string field)
    {
        await using var api = new TestApi();
        var response = await api.Client().GetAsync($"/v1/queues/emails/dead-letters?{query}");
        var problem = await response.ShouldBeProblemAsync("invalid-parameter");
        problem.GetProperty("field").GetString().Should().Be(field);
    }

    private static async Task ShouldDoNothingAsync(string query, string field)
    {
        await using var api = new TestApi();
        await BuryAsync(api, """{"type":"t"}""");
        foreach (var answer in new[]
        {
            await api.PostAsync($"/v1/queues/emails/dead-letters/redrive?{query}", ""), await api.Client().DeleteAsync($"/v1/queues/emails/dead-letters?{query}"),
        })
        {
            answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
            (await answer.ShouldBeProblemAsync("invalid-parameter")).GetProperty("field").GetString().Should().Be(field);
        }

        (await api.Queue.GetStatisticsAsync("emails", CancellationToken.None)).DeadLetters.Should().Be(1);
    }

    private static async Task<string> BuryAsync(TestApi api, string job)
    {
        var accepted = await (await api.PostAsync("/v1/queues/emails/jobs", job)).ShouldBeAsync(HttpStatusCode.Accepted);
        await using var consumer = await api.Queue.OpenConsumerAsync(
            new JobConsumerOptions { Queues = ["emails"], Name = $"w-{Guid.NewGuid():n}" }, CancellationToken.None);
        var leases = await consumer.FetchAsync(1, CancellationToken.None);
        await consumer.BuryAsync([new JobBurial(leases[0], DeadLetterReasons.Unrecoverable, "boom <script>")], CancellationToken.None);
        return accepted.GetProperty("id").GetString()!;
    }
}
