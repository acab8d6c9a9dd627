using System.Net;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Tests.Endpoints;

public sealed class RetryTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_dead_letter_runs_again_tracked_or_not(bool tracked)
    {
        await using var api = new TestApi();
        var id = await EnqueueAsync(api, $$"""{"type":"t","tracked":{{(tracked ? "true" : "false")}}}""");
        await EndAsync(api, bury: true);

        using var response = await api.PostAsync($"/v1/jobs/{id}/retry", "");

        var accepted = await response.ShouldBeAsync(HttpStatusCode.Accepted);
        accepted.GetProperty("id").GetString().Should().Be(id);
        accepted.GetProperty("tracked").GetBoolean().Should().Be(tracked);
        response.Headers.Location?.OriginalString.Should().Be(tracked ? $"/v1/jobs/{id}" : null);
        (await api.Queue.FetchAsync("emails")).Should().ContainSingle().Which.Job.Attempt.Should().Be(1);
    }

    [Fact]
    public async Task A_cancelled_job_runs_again_with_its_payload()
    {
        await using var api = new TestApi();
        var id = await EnqueueAsync(api, """{"type":"t","payload":{"a":1}}""");
        await api.PostAsync($"/v1/jobs/{id}/cancel", "");

        await (await api.PostAsync($"/v1/jobs/{id}/retry", "")).ShouldBeAsync(HttpStatusCode.Accepted);

        (await api.Queue.FetchAsync("emails")).Should().ContainSingle().Which.Job.Payload.ToArray().Should().Equal("""{"a":1}"""u8.ToArray());
    }

    [Fact]
    public async Task What_can_not_run_again_says_why()
    {
        await using var api = new TestApi();
        var completed = await EnqueueAsync(api, """{"type":"t"}""");
        await EndAsync(api, bury: false);
        var waiting = await EnqueueAsync(api, """{"type":"t"}""");
        await ShouldBeRefusedAsync(api, completed, HttpStatusCode.Conflict, "job-not-kept");
        await ShouldBeRefusedAsync(api, waiting, HttpStatusCode.Conflict, "job-not-ended");
        await ShouldBeRefusedAsync(api, $"{JobId.Create("emails", tracked: true, TimeProvider.System)}", HttpStatusCode.NotFound, "job-not-found");
        await ShouldBeRefusedAsync(api, $"{JobId.Create("emails", tracked: false, TimeProvider.System)}", HttpStatusCode.NotFound, "job-not-tracked");
        await ShouldBeRefusedAsync(api, "17", HttpStatusCode.BadRequest, "invalid-job-id");
        await ShouldBeRefusedAsync(api, $"{new string('a', 1000)}.01JD3V6X9QK4T2M7R8ZB5C1N0F", HttpStatusCode.BadRequest, "invalid-job-id");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_whose_deduplication_key_another_has_stays(bool bury)
    {
        const string Body = """{"type":"t","deduplication":{"key":"k","untilDone":true}}""";
        await using var api = new TestApi();
        var id = await EnqueueAsync(api, Body);
        if (bury)
            await EndAsync(api, bury: true);
        else
            await api.PostAsync($"/v1/jobs/{id}/cancel", "");
        await EnqueueAsync(api, Body);
        await ShouldBeRefusedAsync(api, id, HttpStatusCode.Conflict, "duplicate-job");
    }

    [Theory]
    [InlineData("completed")]
    [InlineData("dead")]
    [InlineData("cancelled")]
    public async Task The_record_of_a_job_that_has_ended_is_deleted(string how)
    {
        await using var api = new TestApi();
        var id = await EnqueueAsync(api, """{"type":"t"}""");
        if (how == "cancelled")
            await api.PostAsync($"/v1/jobs/{id}/cancel", "");
        else
            await EndAsync(api, bury: how == "dead");

        (await api.Client().DeleteAsync($"/v1/jobs/{id}")).StatusCode.Should().Be(HttpStatusCode.NoContent);

        await (await api.Client().GetAsync($"/v1/jobs/{id}")).ShouldBeProblemAsync("job-not-found");
        await (await api.Client().DeleteAsync($"/v1/jobs/{id}")).ShouldBeProblemAsync("job-not-found");
        (await api.Queue.ListDeadLettersAsync("emails", 0, 10, CancellationToken.None)).Should().BeEmpty();
    }

    [Fact]
    public async Task The_record_of_a_job_that_has_not_ended_stays()
    {
        await using var api = new TestApi();
        var id = await EnqueueAsync(api, """{"type":"t"}""");
        using var response = await api.Client().DeleteAsync($"/v1/jobs/{id}");
        response.StatusCode.Should().Be(HttpStatusCode.Conflict);
        await response.ShouldBeProblemAsync("job-not-ended");
        await (await api.Client().GetAsync($"/v1/jobs/{id}")).ShouldBeAsync(HttpStatusCode.OK);

        await (await api.Client().DeleteAsync($"/v1/jobs/{JobId.Create("emails", false, TimeProvider.System)}")).ShouldBeProblemAsync("job-not-tracked");
        await (await api.Client().DeleteAsync("/v1/jobs/emails.17")).ShouldBeProblemAsync("invalid-job-id");
    }

    private static async Task<string> EnqueueAsync(TestApi api, string body) =>
        (await (await api.PostAsync("/v1/queues/emails/jobs", body)).ShouldBeAsync(HttpStatusCode.Accepted)).GetProperty("id").GetString()!;

    private static async Task EndAsync(TestApi api, bool bury)
    {
        await using var consumer = await api.Queue.OpenConsumerAsync(new JobConsumerOptions { Queues = ["emails"], Name = $"w{bury}" }, CancellationToken.None);
        var lease = (await consumer.FetchAsync(1, CancellationToken.None)).Single();
        if (bury)
            await consumer.BuryAsync([new JobBurial(lease, DeadLetterReasons.Unrecoverable, "no")], CancellationToken.None);
        else
            await consumer.CompleteAsync([new JobCompletion(lease)], CancellationToken.None);
    }

    private static async Task ShouldBeRefusedAsync(TestApi api, string id, HttpStatusCode status, string type)
    {
        using var response = await api.PostAsync($"/v1/jobs/{id}/retry", "");
        response.StatusCode.Should().Be(status);
        await response.ShouldBeProblemAsync(type);
    }
}
