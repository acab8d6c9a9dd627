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
        job.TryGetProperty("startedAt", out _).Should().BeFalse("what is not known yet is left out");
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
}
