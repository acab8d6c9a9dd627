using System.Net;
using K8sQueue.Api.Hosting;

namespace K8sQueue.Api.Tests.Authentication;

public sealed class ForeignPagesTests
{
    [Theory]
    [InlineData(null, null, true)]
    [InlineData("same-origin", "http://localhost", true)]
    [InlineData("none", null, true)]
    [InlineData(null, "http://localhost", true)]
    [InlineData("cross-site", "https://evil.example", false)]
    [InlineData("same-site", "http://localhost", false)]
    [InlineData(null, "https://evil.example", false)]
    [InlineData(null, "http://localhost:8081", false)]
    [InlineData(null, "null", false)]
    public async Task While_no_key_is_asked_for_only_programs_and_the_APIs_own_pages_change_something(string? site, string? origin, bool allowed)
    {
        await using var api = new TestApi((ApiOptions.KeysVariable, null), (ApiOptions.AnonymousVariable, "true"));
        using var client = Browser(api.CreateClient(), site, origin);

        using var paused = await client.PostAsync("/v1/queues/emails/pause", null);
        using var enqueued = await client.PostAsync("/v1/queues/emails/jobs", new StringContent("""{"type":"t"}""", System.Text.Encoding.UTF8, "application/json"));
        using var deleted = await client.DeleteAsync("/v1/queues/emails/limits");

        (await api.Queue.GetStatisticsAsync("emails", CancellationToken.None)).Should().BeEquivalentTo(
            new { Backlog = new Core.Queues.Backlog(allowed ? 1 : 0, 0, allowed) });
        paused.StatusCode.Should().Be(allowed ? HttpStatusCode.NoContent : HttpStatusCode.Forbidden);
        deleted.StatusCode.Should().Be(paused.StatusCode);
        if (!allowed)
            await enqueued.ShouldBeProblemAsync("forbidden");
        (await client.GetAsync("/v1/queues/emails")).StatusCode.Should().Be(HttpStatusCode.OK, "what is read stays with the browser");
    }

    [Fact]
    public async Task A_key_says_enough()
    {
        await using var api = new TestApi();
        using var client = Browser(api.Client(), "cross-site", "https://tools.example");
        (await client.PostAsync("/v1/queues/emails/pause", null)).StatusCode.Should().Be(HttpStatusCode.NoContent);
    }

    private static HttpClient Browser(HttpClient client, string? site, string? origin)
    {
        if (site is not null)
            client.DefaultRequestHeaders.TryAddWithoutValidation("Sec-Fetch-Site", site);
        if (origin is not null)
            client.DefaultRequestHeaders.TryAddWithoutValidation("Origin", origin);
        return client;
    }
}
