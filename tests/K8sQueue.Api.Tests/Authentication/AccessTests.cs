using System.Net;
using System.Text.RegularExpressions;
using K8sQueue.Api.Authentication;
using K8sQueue.Core.Jobs;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Authentication;

/// <summary>Every endpoint that is mapped, so that none can be forgotten.</summary>
public sealed partial class AccessTests
{
    // None of the OpenAPI document's examples.
    private const string Queue = "letters";
    private static readonly string[] Open = ["GET /health", "GET /healthz", "GET /metrics", "GET /readyz"];
    private static readonly (string, string?) Route = (JobRoutes.Variable, $$"""{"*":"{{Queue}}"}""");

    [Fact]
    public async Task Every_endpoint_says_what_it_requires_or_is_one_of_those_that_are_open()
    {
        await using var api = new TestApi();
        var endpoints = MappedEndpoint.Of(api.Services);
        endpoints.Count.Should().BeGreaterThan(20);
        endpoints.Where(e => e.IsOpen).Select(e => e.Name).Should().BeEquivalentTo(Open);
        endpoints.Where(e => !e.IsOpen && e.Requirement is null).Select(e => e.Name).Should().BeEmpty();
        endpoints.Where(e => e.Method == "GET" && !e.IsOpen && e.Requirement!.Verb != Verb.Read && e.Requirement.Reach != Reach.Everywhere)
            .Select(e => e.Name).Should().BeEmpty("to look is 'read', but where it is the operators' own");
        endpoints.Where(e => e.Method != "GET" && e.Requirement!.Verb == Verb.Read).Select(e => e.Name).Should().BeEmpty();
    }

    [Fact]
    public async Task Every_endpoint_that_is_not_open_refuses_a_request_without_a_key()
    {
        await using var api = new TestApi(Route);
        using var client = api.CreateClient();
        foreach (var endpoint in Closed(api))
        {
            using var response = await SendAsync(client, endpoint);
            response.StatusCode.Should().Be(HttpStatusCode.Unauthorized, endpoint.Name);
            await response.ShouldBeProblemAsync("unauthenticated");
        }

        api.Queue.Enqueues.Should().Be(0);
    }

    [Fact]
    public async Task Every_endpoint_refuses_a_key_of_other_verbs()
    {
        await using var api = new TestApi(Route);
        var keys = Enum.GetValues<Verb>().ToDictionary(
            verb => verb,
            verb => api.AddKey($"not-{verb}", $"verbs={string.Join('+', Enum.GetValues<Verb>().Where(v => v != verb).Select(AccessClaims.Value))}"));
        foreach (var endpoint in Closed(api))
        {
            var verb = endpoint.Requirement!.Verb;
            using var client = api.Client(keys[verb]);
            using var response = await SendAsync(client, endpoint);
            response.StatusCode.Should().Be(HttpStatusCode.Forbidden, endpoint.Name);
            var problem = await response.ShouldBeProblemAsync("forbidden");
            problem.GetProperty("detail").GetString().Should().Be($"The API key 'not-{verb}' may not {AccessClaims.Value(verb)}.");
        }

        api.Queue.Enqueues.Should().Be(0);
    }

    [Theory]
    [InlineData("queues=other+email")]
    [InlineData("tenant=other")]
    public async Task Every_endpoint_refuses_a_key_of_other_queues_or_shows_it_nothing(string scopes)
    {
        await using var api = new TestApi(Route);
        using var client = api.Client(api.AddKey("elsewhere", scopes));
        await api.PostAsync($"/v1/queues/{Queue}/jobs", """{"type":"t"}""");
        foreach (var endpoint in Closed(api))
        {
            using var response = await SendAsync(client, endpoint);
            if (endpoint.Requirement!.Reach == Reach.Visible)
            {
                response.StatusCode.Should().Be(HttpStatusCode.OK, endpoint.Name);
                (await response.Content.ReadAsStringAsync()).Should().NotContain($"\"{Queue}\"", endpoint.Name);
                continue;
            }

            response.StatusCode.Should().Be(HttpStatusCode.Forbidden, endpoint.Name);
            var problem = await response.ShouldBeProblemAsync("forbidden");
            problem.GetProperty("detail").GetString().Should().ContainAny($"in the queue {Queue}.", "in every queue.");
        }

        api.Queue.Enqueues.Should().Be(1);
    }

    [Fact]
    public async Task Every_endpoint_serves_a_key_that_has_just_its_verb_and_its_queue()
    {
        await using var api = new TestApi(Route);
        var keys = Enum.GetValues<Verb>().ToDictionary(verb => verb, verb => api.AddKey($"{verb}", $"verbs={AccessClaims.Value(verb)};queues={Queue}+other"));
        foreach (var endpoint in Closed(api).Where(e => e.Requirement!.Reach != Reach.Everywhere))
        {
            using var client = api.Client(keys[endpoint.Requirement!.Verb]);
            using var response = await SendAsync(client, endpoint);
            response.StatusCode.Should().NotBe(HttpStatusCode.Forbidden, endpoint.Name).And.NotBe(HttpStatusCode.Unauthorized, endpoint.Name);
            ((int)response.StatusCode).Should().BeLessThan(500, endpoint.Name);
        }
    }

    [Fact]
    public async Task Queues_are_paged_as_if_there_were_no_others_than_those_that_the_key_may_read()
    {
        await using var api = new TestApi();
        using var client = api.Client(api.AddKey("acme", "tenant=acme;queues=acme.*"));
        foreach (var queue in new[] { "aaa", "acme", "acme.a", "acme.b", "acme.c", "acme-d", "zzz" })
            await api.PostAsync($"/v1/queues/{queue}/jobs", """{"type":"t"}""");

        var first = await (await client.GetAsync("/v1/queues?limit=2")).JsonAsync();
        var second = await (await client.GetAsync($"/v1/queues?limit=2&after={first.GetProperty("next").GetString()}")).JsonAsync();

        Names(first).Should().Equal("acme.a", "acme.b");
        Names(second).Should().Equal("acme.c");
        second.TryGetProperty("next", out _).Should().BeFalse();

        static IEnumerable<string?> Names(System.Text.Json.JsonElement page) =>
            page.GetProperty("queues").EnumerateArray().Select(queue => queue.GetProperty("queue").GetString());
    }

    [Fact]
    public async Task A_batch_shows_the_results_of_queues_that_the_key_may_read()
    {
        await using var api = new TestApi();
        using var client = api.Client(api.AddKey("some", "verbs=read;queues=mine"));
        var batch = await (await api.PostAsync(
            "/v1/batches", """{"jobs":[{"queue":"mine","type":"t"},{"queue":"theirs","type":"t"}]}""")).JsonAsync();
        foreach (var queue in new[] { "mine", "theirs" })
        {
            await using var consumer = await api.Queue.OpenConsumerAsync(
                new Core.Queues.JobConsumerOptions { Queues = [queue], Name = "w" }, CancellationToken.None);
            var leases = await consumer.FetchAsync(1, CancellationToken.None);
            await consumer.CompleteAsync([new Core.Queues.JobCompletion(leases[0], "17"u8.ToArray())], CancellationToken.None);
        }

        var answer = await (await client.GetAsync($"/v1/batches/{batch.GetProperty("id").GetString()}")).ShouldBeAsync(HttpStatusCode.OK);

        answer.GetProperty("jobs")[0].GetProperty("result").GetInt32().Should().Be(17);
        answer.GetProperty("jobs")[1].TryGetProperty("result", out _).Should().BeFalse();
        answer.GetProperty("jobs")[1].GetProperty("state").GetString().Should().Be("succeeded");
    }

    [Fact]
    public async Task What_is_no_id_is_told_so_to_a_key_of_some_queues_and_a_bad_queue_is_not_its_own()
    {
        await using var api = new TestApi();
        using var client = api.Client(api.AddKey("some", "queues=emails"));
        await (await client.GetAsync("/v1/jobs/17")).ShouldBeProblemAsync("invalid-job-id");
        await (await client.GetAsync("/v1/queues/EMAILS")).ShouldBeProblemAsync("forbidden");
        await (await client.PutAsync("/v1/queues/emails", null)).ShouldBeProblemAsync("method-not-allowed");
        await (await client.GetAsync("/nowhere")).ShouldBeProblemAsync("not-found");
    }

    [Fact]
    public async Task The_table_of_what_endpoints_require_is_the_one_of_the_code()
    {
        await using var api = new TestApi();
        var text = await File.ReadAllTextAsync(Path.Combine(RepositoryFolder.Root, "docs", "reference", "api.md"));
        Row().Matches(text).Select(row => $"{row.Groups["endpoint"].Value}: {row.Groups["verb"].Value}").Should()
            .BeEquivalentTo(Closed(api).Select(e => $"{e.Name}: {AccessClaims.Value(e.Requirement!.Verb)}"));
    }

    private static IEnumerable<MappedEndpoint> Closed(TestApi api) => MappedEndpoint.Of(api.Services).Where(endpoint => !endpoint.IsOpen);

    // Streams are not read to their end.
    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, MappedEndpoint endpoint)
    {
        using var request = endpoint.Request(Queue);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    [GeneratedRegex(@"^\| `(?<endpoint>[A-Z]+ /[^`]*)` \| `(?<verb>[a-z]+)` \|", RegexOptions.Multiline, 1000)]
    private static partial Regex Row();
}
