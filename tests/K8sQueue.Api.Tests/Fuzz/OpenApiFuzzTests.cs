using System.Globalization;
using System.Text.Json;
using K8sQueue.Api.Problems;
using K8sQueue.Testing;
using Xunit.Abstractions;

namespace K8sQueue.Api.Tests.Fuzz;

/// <summary>
/// Sends every operation of the served OpenAPI document requests that are wrong, over a real Redis: none may be an error of the server's, and every refusal
/// is a problem document. <c>K8SQUEUE_FUZZ_SEED</c> repeats a run.
/// </summary>
public sealed class OpenApiFuzzTests(ITestOutputHelper output)
{
    private const int CasesOfEach = 150;

    [Fact]
    public async Task No_request_to_any_operation_is_an_error_of_the_server()
    {
        var seed = Environment.GetEnvironmentVariable("K8SQUEUE_FUZZ_SEED") is { Length: > 0 } given
            ? int.Parse(given, CultureInfo.InvariantCulture)
            : Random.Shared.Next();
        output.WriteLine($"K8SQUEUE_FUZZ_SEED={seed}");
        await using var redis = await RedisServer.StartAsync();

        // A call that is late, by a stall, is no error of the server's.
        await using var api = await KestrelApi.StartAsync(redis.Address, options => options.OperationTimeout = TimeSpan.FromMinutes(1));
        using var client = api.Client();
        var document = JsonDocument.Parse(await client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative))).RootElement;
        var operations = ApiOperation.All(document);
        operations.Count.Should().BeGreaterThan(20);

        var statuses = new SortedDictionary<int, int>();
        foreach (var operation in operations)
        {
            // Each has a seed of its own, so that a new one changes nothing for the others.
            var requests = new FuzzRequests(document, new Random(seed ^ StableHash(operation.ToString())));
            for (var i = 0; i < CasesOfEach; i++)
            {
                var (request, shown) = requests.Next(operation);
                var status = await CheckAsync(client, request, $"seed {seed}: {shown}");
                statuses[status] = statuses.GetValueOrDefault(status) + 1;
            }
        }

        output.WriteLine($"{operations.Count} operations, {string.Join(", ", statuses.Select(s => $"{s.Key}: {s.Value}"))}");
        statuses.Keys.Should().Contain(status => status < 300, "some get through, or nothing behind the first check was met");
        await Eventually.Passes(async () =>
        {
            using var ready = await client.GetAsync(new Uri("/readyz", UriKind.Relative));
            ((int)ready.StatusCode).Should().Be(200, $"seed {seed}");
        });
    }

    private static async Task<int> CheckAsync(HttpClient client, HttpRequestMessage request, string because)
    {
        using (request)
        {
            using var response = await SendAsync(client, request, because);
            var status = (int)response.StatusCode;
            status.Should().BeLessThan(500, because);
            if (status >= 400)
                await ShouldBeProblemAsync(response, because);
            return status;
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpRequestMessage request, string because)
    {
        try
        {
            // Events don't end: their headers are the answer.
            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            throw new InvalidOperationException(because, e);
        }
    }

    private static async Task ShouldBeProblemAsync(HttpResponseMessage response, string because)
    {
        var text = await response.Content.ReadAsStringAsync();

        // What Kestrel itself refuses never reached the API.
        if (text.Length == 0 && response.Headers.ConnectionClose == true)
            return;
        response.Content.Headers.ContentType?.MediaType.Should().Be(Problem.ContentType, because);
        var problem = JsonDocument.Parse(text).RootElement;
        problem.GetProperty("status").GetInt32().Should().Be((int)response.StatusCode, because);
        problem.GetProperty("type").GetString().Should().StartWith(ProblemType.Prefix, because);
    }

    private static int StableHash(string text) => text.Aggregate(17, (hash, c) => unchecked((hash * 31) + c));
}
