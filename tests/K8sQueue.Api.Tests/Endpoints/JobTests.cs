using System.Net;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Tests.Endpoints;

public sealed class JobTests
{
    [Fact]
    public async Task A_tracked_job_is_found_at_the_address_of_its_answer()
    {
        await using var api = new TestApi();
        var accepted = await api.PostAsync("/v1/queues/emails/jobs", """{"type":"email.send","maxAttempts":3}""");
        var job = await (await api.Client().GetAsync(accepted.Headers.Location)).ShouldBeAsync(HttpStatusCode.OK);
        job.GetProperty("queue").GetString().Should().Be("emails");
        job.GetProperty("type").GetString().Should().Be("email.send");
        job.GetProperty("state").GetString().Should().Be("waiting");
        job.GetProperty("maxAttempts").GetInt32().Should().Be(3);
        job.GetProperty("enqueuedAt").GetDateTimeOffset().Should().BeCloseTo(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(1));
        foreach (var unknown in (string[])["startedAt", "result", "resultBase64"])
            job.TryGetProperty(unknown, out _).Should().BeFalse("what is not known yet is left out");
    }

    [Theory]
    [InlineData("""{"ok" : 1.0}""", true)]
    [InlineData("plain text", false)]
    public async Task The_result_is_shown_as_it_is_where_it_is_json(string result, bool isJson)
    {
        await using var api = new TestApi();
        var accepted = await api.PostAsync("/v1/queues/emails/jobs", """{"type":"email.send"}""");
        await using var consumer = await api.Queue.OpenConsumerAsync(
            new JobConsumerOptions { Queues = ["emails"], Name = "worker-1" }, CancellationToken.None);
        var leases = await consumer.FetchAsync(1, CancellationToken.None);
        var bytes = System.Text.Encoding.UTF8.GetBytes(result);
        await consumer.CompleteAsync([new JobCompletion(leases[0], bytes)], CancellationToken.None);

        var job = await (await api.Client().GetAsync(accepted.Headers.Location)).ShouldBeAsync(HttpStatusCode.OK);
        job.GetProperty("state").GetString().Should().Be("completed");
        job.GetProperty("consumer").GetString().Should().Be("worker-1");
        if (isJson)
            job.GetProperty("result").GetRawText().Should().Be(result);
        else
            job.GetProperty("resultBase64").GetBytesFromBase64().Should().Equal(bytes);
    }

    [Fact]
    public async Task A_running_job_shows_how_far_it_is()
    {
        await using var api = new TestApi();
        var accepted = await api.PostAsync("/v1/queues/emails/jobs", """{"type":"t"}""");
        await using var consumer = await api.Queue.OpenConsumerAsync(
            new JobConsumerOptions { Queues = ["emails"], Name = "w" }, CancellationToken.None);
        var leases = await consumer.FetchAsync(1, CancellationToken.None);
        await consumer.ReportProgressAsync([new JobProgressReport(leases[0], 0.25, "page 1 of 4")], CancellationToken.None);

        var progress = (await (await api.Client().GetAsync(accepted.Headers.Location)).JsonAsync()).GetProperty("progress");

        progress.GetProperty("share").GetDouble().Should().Be(0.25);
        progress.GetProperty("note").GetString().Should().Be("page 1 of 4");
        progress.GetProperty("reportedAt").GetDateTimeOffset().Should().BeCloseTo(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_job_that_waits_is_cancelled_and_one_that_runs_is_asked_to_stop()
    {
        await using var api = new TestApi();
        var running = await (await api.PostAsync("/v1/queues/emails/jobs", """{"type":"t"}""")).JsonAsync();
        await api.Queue.FetchAsync("emails", max: 1);
        var waiting = await (await api.PostAsync("/v1/queues/emails/jobs", """{"type":"t","tracked":false}""")).JsonAsync();

        (await CancelAsync(api, waiting)).GetProperty("outcome").GetString().Should().Be("cancelled");
        var asked = await CancelAsync(api, running);
        asked.GetProperty("outcome").GetString().Should().Be("requested");
        asked.GetProperty("id").GetString().Should().Be(running.GetProperty("id").GetString());

        var queue = await (await api.Client().GetAsync("/v1/queues/emails")).JsonAsync();
        queue.GetProperty("waiting").GetInt64().Should().Be(0);
        queue.GetProperty("totals").GetProperty("cancelled").GetInt64().Should().Be(1);
    }

    [Fact]
    public async Task What_was_cancelled_before_it_ran_says_so()
    {
        await using var api = new TestApi();
        var accepted = await api.PostAsync("/v1/queues/emails/jobs", """{"type":"t","delaySeconds":60}""");
        await CancelAsync(api, await accepted.JsonAsync());
        await CancelAsync(api, await accepted.JsonAsync());

        var job = await (await api.Client().GetAsync(accepted.Headers.Location)).ShouldBeAsync(HttpStatusCode.OK);
        job.GetProperty("state").GetString().Should().Be("cancelled");
        job.TryGetProperty("finishedAt", out _).Should().BeTrue();
    }

    [Fact]
    public async Task What_is_not_there_or_has_ended_can_not_be_cancelled()
    {
        await using var api = new TestApi();
        var unknown = JobId.Create("emails", tracked: false, TimeProvider.System);
        await (await api.PostAsync($"/v1/jobs/{unknown}/cancel", "")).ShouldBeProblemAsync("job-not-found");
        await api.PostAsync("/v1/queues/emails/jobs", """{"type":"t"}""");
        await using var consumer = await api.Queue.OpenConsumerAsync(
            new JobConsumerOptions { Queues = ["emails"], Name = "w" }, CancellationToken.None);
        var leases = await consumer.FetchAsync(1, CancellationToken.None);
        await consumer.CompleteAsync([new JobCompletion(leases[0])], CancellationToken.None);

        await (await api.PostAsync($"/v1/jobs/{leases[0].Job.Id}/cancel", "")).ShouldBeProblemAsync("job-not-found");
        await (await api.PostAsync("/v1/jobs/emails.17/cancel", "")).ShouldBeProblemAsync("invalid-job-id");
        await (await api.Client().GetAsync($"/v1/jobs/{unknown}/cancel")).ShouldBeProblemAsync("method-not-allowed");
    }

    [Fact]
    public async Task An_untracked_job_is_404_of_a_type_of_its_own()
    {
        await using var api = new TestApi();
        var id = JobId.Create("emails", tracked: false, TimeProvider.System);
        var response = await api.Client().GetAsync($"/v1/jobs/{id}");
        response.StatusCode.Should().Be(HttpStatusCode.NotFound);
        await response.ShouldBeProblemAsync("job-not-tracked");
    }

    [Fact]
    public async Task An_unknown_job_is_404()
    {
        await using var api = new TestApi();
        var id = JobId.Create("emails", tracked: true, TimeProvider.System);
        var response = await api.Client().GetAsync($"/v1/jobs/{id}");
        response.StatusCode.Should().Be(HttpStatusCode.NotFound);
        await response.ShouldBeProblemAsync("job-not-found");
    }

    [Theory]
    [InlineData("17")]
    [InlineData("emails.01JD3V6X9QK4T2M7R8ZB5C1N0")]
    [InlineData("Emails.01JD3V6X9QK4T2M7R8ZB5C1N0F")]
    [InlineData("emails.01jd3v6x9qk4t2m7r8zb5c1n0f")]
    [InlineData("%F0%9F%98%80")]
    public async Task A_malformed_id_is_400(string id)
    {
        await using var api = new TestApi();
        var response = await api.Client().GetAsync($"/v1/jobs/{id}");
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        await response.ShouldBeProblemAsync("invalid-job-id");
    }

    private static async Task<System.Text.Json.JsonElement> CancelAsync(TestApi api, System.Text.Json.JsonElement job) =>
        await (await api.PostAsync($"/v1/jobs/{job.GetProperty("id").GetString()}/cancel", "")).ShouldBeAsync(HttpStatusCode.Accepted);
}
