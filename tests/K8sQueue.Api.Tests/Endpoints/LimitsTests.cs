using System.Net;
using System.Text;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Tests.Endpoints;

public sealed class LimitsTests
{
    private const string Path = "/v1/queues/emails/limits";

    [Fact]
    public async Task Limits_are_set_read_and_taken_away()
    {
        await using var api = new TestApi();
        (await (await api.Client().GetAsync(Path)).ShouldBeAsync(HttpStatusCode.OK)).EnumerateObject().Should().BeEmpty();

        var set = await (await PutAsync(api, """{"rate": {"jobs": 100, "periodSeconds": 60, "burst": 10}, "concurrency": 5}""")).ShouldBeAsync(HttpStatusCode.OK);
        var read = await (await api.Client().GetAsync(Path)).ShouldBeAsync(HttpStatusCode.OK);

        read.GetRawText().Should().Be(set.GetRawText()).And.Be("""{"rate":{"jobs":100,"periodSeconds":60,"burst":10},"concurrency":5}""");
        (await api.Queue.GetLimitsAsync("emails", CancellationToken.None)).Should().Be(
            new QueueLimits { Rate = new QueueRate(100, TimeSpan.FromMinutes(1)) { Burst = 10 }, Concurrency = 5 });
        (await api.Client().DeleteAsync(Path)).StatusCode.Should().Be(HttpStatusCode.NoContent);
        (await api.Queue.GetLimitsAsync("emails", CancellationToken.None)).Should().Be(QueueLimits.None);
    }

    [Fact]
    public async Task The_burst_is_that_of_one_period_and_what_is_left_out_is_not_bounded()
    {
        await using var api = new TestApi();
        await PutAsync(api, """{"concurrency": 5}""");
        var set = await (await PutAsync(api, """{"rate": {"jobs": 3, "periodSeconds": 0.5}, "concurrency": null}""")).ShouldBeAsync(HttpStatusCode.OK);

        set.GetRawText().Should().Be("""{"rate":{"jobs":3,"periodSeconds":0.5,"burst":3}}""");
    }

    [Theory]
    [InlineData("{}", null)]
    [InlineData("[]", null)]
    [InlineData("""{"rate": null}""", null)]
    [InlineData("""{"rate": 5}""", "rate")]
    [InlineData("""{"rate": {}}""", "rate.jobs")]
    [InlineData("""{"rate": {"jobs": 5}}""", "rate.periodSeconds")]
    [InlineData("""{"rate": {"jobs": 0, "periodSeconds": 1}}""", "rate.jobs")]
    [InlineData("""{"rate": {"jobs": 1.5, "periodSeconds": 1}}""", "rate.jobs")]
    [InlineData("""{"rate": {"jobs": 1000001, "periodSeconds": 1}}""", "rate.jobs")]
    [InlineData("""{"rate": {"jobs": 1, "periodSeconds": 0}}""", "rate.periodSeconds")]
    [InlineData("""{"rate": {"jobs": 1, "periodSeconds": 86401}}""", "rate.periodSeconds")]
    [InlineData("""{"rate": {"jobs": 1, "periodSeconds": 1e999}}""", "rate.periodSeconds")]
    [InlineData("""{"rate": {"jobs": 1, "periodSeconds": 1, "burst": 0}}""", "rate.burst")]
    [InlineData("""{"rate": {"jobs": 1, "periodSeconds": 1, "window": 1}}""", "rate.window")]
    [InlineData("""{"concurrency": 0}""", "concurrency")]
    [InlineData("""{"concurrency": "5"}""", "concurrency")]
    [InlineData("""{"concurrency": 1, "concurrency": 2}""", "concurrency")]
    [InlineData("""{"speed": 1}""", "speed")]
    public async Task What_makes_no_sense_is_400_and_changes_nothing(string body, string? field)
    {
        await using var api = new TestApi();
        await PutAsync(api, """{"concurrency": 5}""");
        var response = await PutAsync(api, body);

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var problem = await response.ShouldBeProblemAsync("invalid-limits");
        (problem.TryGetProperty("field", out var found) ? found.GetString() : null).Should().Be(field);
        (await api.Queue.GetLimitsAsync("emails", CancellationToken.None)).Should().Be(new QueueLimits { Concurrency = 5 });
    }

    [Fact]
    public async Task Bodies_that_are_not_JSON_too_large_or_of_another_kind_are_refused()
    {
        await using var api = new TestApi();
        await (await PutAsync(api, "{\"rate\":")).ShouldBeProblemAsync("malformed-json");
        await (await PutAsync(api, "")).ShouldBeProblemAsync("malformed-json");
        await (await PutAsync(api, $"{{\"x\": \"{new string('x', 20_000)}\"}}")).ShouldBeProblemAsync("too-large");
        await (await PutAsync(api, "{}", "text/plain")).ShouldBeProblemAsync("unsupported-media-type");
        await (await api.Client().PutAsync("/v1/queues/Emails/limits", null)).ShouldBeProblemAsync("invalid-queue-name");
        await (await api.PostAsync(Path, "{}")).ShouldBeProblemAsync("method-not-allowed");
    }

    private static async Task<HttpResponseMessage> PutAsync(TestApi api, string body, string type = "application/json")
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return await api.Client().PutAsync(Path, content);
    }
}
