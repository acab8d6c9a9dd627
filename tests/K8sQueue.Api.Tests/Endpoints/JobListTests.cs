using System.Net;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Tests.Endpoints;

public sealed class JobListTests
{
    private const string Jobs = "/v1/queues/emails/jobs";

    [Fact]
    public async Task Jobs_of_a_state_are_listed_with_their_type_and_tag_page_by_page()
    {
        await using var api = new TestApi();
        for (var i = 0; i < 5; i++)
            await api.PostAsync(Jobs, $$"""{"type":"{{(i == 2 ? "other" : "t")}}","tags":["n{{i}}","all"],"tracked":{{(i == 3 ? "false" : "true")}}}""");

        var tags = new List<string?>();
        string? after = null;
        do
        {
            var page = await (await api.Client().GetAsync($"{Jobs}?state=waiting&type=t&tag=all&limit=2{(after is null ? "" : $"&after={after}")}")).ShouldBeAsync(HttpStatusCode.OK);
            tags.AddRange(page.GetProperty("jobs").EnumerateArray().Select(job => job.GetProperty("tags")[0].GetString()));
            after = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (after is not null);

        tags.Should().Equal("n0", "n1", "n3", "n4");
    }

    [Fact]
    public async Task Each_state_is_one_to_look_for()
    {
        await using var api = new TestApi();
        await api.PostAsync(Jobs, """{"type":"delayed","delaySeconds":60}""");
        await api.PostAsync(Jobs, """{"type":"running","concurrency":{"key":"k"}}""");
        await api.PostAsync(Jobs, """{"type":"parked","concurrency":{"key":"k"}}""");
        await api.Queue.FetchAsync("emails", max: 1);
        foreach (var type in new[] { "completed", "dead", "cancelled", "waiting" })
            await api.PostAsync(Jobs, $$"""{"type":"{{type}}"}""");
        await using var consumer = await api.Queue.OpenConsumerAsync(new JobConsumerOptions { Queues = ["emails"], Name = "w" }, CancellationToken.None);
        var leases = await consumer.FetchAsync(3, CancellationToken.None);
        await consumer.CompleteAsync([new JobCompletion(leases[0], "17"u8.ToArray())], CancellationToken.None);
        await consumer.BuryAsync([new JobBurial(leases[1], Core.Jobs.DeadLetterReasons.Unrecoverable, new string('x', 5000))], CancellationToken.None);
        await consumer.CancelAsync([leases[2]], CancellationToken.None);

        foreach (var state in new[] { "waiting", "parked", "delayed", "running", "completed", "dead", "cancelled" })
        {
            var page = await (await api.Client().GetAsync($"{Jobs}?state={state}")).ShouldBeAsync(HttpStatusCode.OK);
            page.TryGetProperty("next", out _).Should().BeFalse();
            var job = page.GetProperty("jobs").EnumerateArray().Should().ContainSingle(state).Subject;
            job.GetProperty("type").GetString().Should().Be(state);
            job.GetProperty("state").GetString().Should().Be(state);
            job.TryGetProperty("result", out _).Should().BeFalse("results are read one by one");
            job.TryGetProperty("dueAt", out _).Should().Be(state == "delayed");
            if (state == "dead")
                job.GetProperty("error").GetString().Should().HaveLength(1000);
        }
    }

    [Theory]
    [InlineData("", "state")]
    [InlineData("state=", "state")]
    [InlineData("state=Waiting", "state")]
    [InlineData("state=all", "state")]
    [InlineData("state=0", "state")]
    [InlineData("state=waiting&type=", "type")]
    [InlineData("state=waiting&type=200", "type")]
    [InlineData("state=waiting&tag=", "tag")]
    [InlineData("state=waiting&tag=200", "tag")]
    [InlineData("state=waiting&after=", "after")]
    [InlineData("state=waiting&after=%00", "after")]
    [InlineData("state=waiting&after=99999999999999999999", "after")]
    [InlineData("state=waiting&limit=0", "limit")]
    [InlineData("state=waiting&limit=101", "limit")]
    [InlineData("state=waiting&limit=x", "limit")]
    public async Task Bad_parameters_are_named(string query, string field)
    {
        await using var api = new TestApi();
        await api.PostAsync(Jobs, """{"type":"t"}""");
        var problem = await (await api.Client().GetAsync($"{Jobs}?{query.Replace("200", new string('x', 200), StringComparison.Ordinal)}")).ShouldBeProblemAsync("invalid-parameter");
        problem.GetProperty("field").GetString().Should().Be(field);
    }

    [Fact]
    public async Task A_queue_that_never_took_a_job_has_none()
    {
        await using var api = new TestApi();
        var page = await (await api.Client().GetAsync($"{Jobs}?state=dead")).ShouldBeAsync(HttpStatusCode.OK);
        page.GetProperty("jobs").GetArrayLength().Should().Be(0);
    }
}
