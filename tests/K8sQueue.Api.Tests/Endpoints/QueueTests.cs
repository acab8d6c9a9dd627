using System.Net;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Tests.Endpoints;

public sealed class QueueTests
{
    [Fact]
    public async Task A_queue_shows_all_its_counts()
    {
        await using var api = new TestApi();
        await api.PostAsync("/v1/queues/emails/jobs", """{"type":"t"}""");
        await api.PostAsync("/v1/queues/emails/jobs", """{"type":"t","delaySeconds":60}""");
        await api.Queue.FetchAsync("emails", max: 1);
        await api.PostAsync("/v1/queues/emails/jobs", """{"type":"t"}""");

        var queue = await (await api.Client().GetAsync("/v1/queues/emails")).ShouldBeAsync(HttpStatusCode.OK);
        queue.GetProperty("queue").GetString().Should().Be("emails");
        queue.GetProperty("paused").GetBoolean().Should().BeFalse();
        queue.GetProperty("waiting").GetInt64().Should().Be(1);
        queue.GetProperty("inFlight").GetInt64().Should().Be(1);
        queue.GetProperty("demand").GetInt64().Should().Be(2);
        queue.GetProperty("delayed").GetInt64().Should().Be(1);
        queue.GetProperty("deadLetters").GetInt64().Should().Be(0);
        queue.GetProperty("consumers").GetInt64().Should().Be(1);
        queue.GetProperty("oldestAgeSeconds").GetDouble().Should().BeInRange(0, 60);
        var totals = queue.GetProperty("totals");
        totals.GetProperty("enqueued").GetInt64().Should().Be(3);
        totals.GetProperty("started").GetInt64().Should().Be(1);
        foreach (var name in new[] { "completed", "retried", "recovered", "released", "buried", "redriven", "cancelled", "stopped" })
            totals.GetProperty(name).GetInt64().Should().Be(0);
    }

    [Fact]
    public async Task A_queue_is_deleted_where_it_has_nothing()
    {
        await using var api = new TestApi();
        await api.PostAsync("/v1/queues/emails/jobs", """{"type":"t","tracked":true}""");
        var refused = await api.Client().DeleteAsync("/v1/queues/emails");
        refused.StatusCode.Should().Be(HttpStatusCode.Conflict);
        await refused.ShouldBeProblemAsync("queue-not-empty");

        await api.Queue.CancelAsync((await api.Queue.FindJobsAsync("emails", new JobFilter(JobState.Waiting), null, 1, default)).Jobs[0].Id, default);

        (await api.Client().DeleteAsync("/v1/queues/emails")).StatusCode.Should().Be(HttpStatusCode.NoContent);
        var left = await (await api.Client().GetAsync("/v1/queues")).ShouldBeAsync(HttpStatusCode.OK);
        left.GetProperty("queues").GetArrayLength().Should().Be(0);
        (await api.Client().DeleteAsync("/v1/queues/Not_A_Queue")).StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_queue_that_never_took_a_job_is_an_empty_one()
    {
        await using var api = new TestApi();
        var queue = await (await api.Client().GetAsync("/v1/queues/nobody")).ShouldBeAsync(HttpStatusCode.OK);
        queue.GetProperty("demand").GetInt64().Should().Be(0);
    }

    [Fact]
    public async Task Queues_are_listed_by_name_in_pages()
    {
        await using var api = new TestApi();
        foreach (var name in new[] { "c", "a", "b" })
            await api.PostAsync($"/v1/queues/{name}/jobs", """{"type":"t"}""");

        var first = await (await api.Client().GetAsync("/v1/queues?limit=2")).ShouldBeAsync(HttpStatusCode.OK);
        first.GetProperty("queues").EnumerateArray().Select(q => q.GetProperty("queue").GetString()).Should().Equal("a", "b");
        first.GetProperty("next").GetString().Should().Be("b");
        var second = await (await api.Client().GetAsync("/v1/queues?limit=2&after=b")).ShouldBeAsync(HttpStatusCode.OK);
        second.GetProperty("queues").EnumerateArray().Select(q => q.GetProperty("queue").GetString()).Should().Equal("c");
        second.TryGetProperty("next", out _).Should().BeFalse();
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=101")]
    [InlineData("limit=x")]
    [InlineData("limit=99999999999999999999")]
    [InlineData("limit=")]
    public async Task A_bad_page_is_refused(string query)
    {
        await using var api = new TestApi();
        var response = await api.Client().GetAsync($"/v1/queues?{query}");
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var problem = await response.ShouldBeProblemAsync("invalid-parameter");
        problem.GetProperty("field").GetString().Should().Be("limit");
    }

    [Fact]
    public async Task A_paused_queue_has_no_demand_until_it_is_resumed()
    {
        await using var api = new TestApi();
        await api.PostAsync("/v1/queues/emails/jobs", """{"type":"t"}""");
        (await api.Client().PostAsync("/v1/queues/emails/pause", null)).StatusCode.Should().Be(HttpStatusCode.NoContent);
        var paused = await (await api.Client().GetAsync("/v1/queues/emails")).JsonAsync();
        paused.GetProperty("paused").GetBoolean().Should().BeTrue();
        paused.GetProperty("demand").GetInt64().Should().Be(0);
        (await api.Client().PostAsync("/v1/queues/emails/resume", null)).StatusCode.Should().Be(HttpStatusCode.NoContent);
        var resumed = await (await api.Client().GetAsync("/v1/queues/emails")).JsonAsync();
        resumed.GetProperty("demand").GetInt64().Should().Be(1);
    }

    [Fact]
    public async Task Another_method_is_405_and_another_address_404()
    {
        await using var api = new TestApi();
        var wrongMethod = await api.Client().PutAsync("/v1/queues/emails", content: null);
        wrongMethod.StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
        await wrongMethod.ShouldBeProblemAsync("method-not-allowed");
        var nowhere = await api.Client().GetAsync("/v2/queues");
        nowhere.StatusCode.Should().Be(HttpStatusCode.NotFound);
        await nowhere.ShouldBeProblemAsync("not-found");
    }
}
