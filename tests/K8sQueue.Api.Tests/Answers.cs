using System.Net;
using System.Text.Json;
using K8sQueue.Api.Problems;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Tests;

/// <summary>Reads answers and jobs.</summary>
internal static class Answers
{
    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;

    /// <summary>Checks that the answer is a whole problem document of this type, and returns it.</summary>
    public static async Task<JsonElement> ShouldBeProblemAsync(this HttpResponseMessage response, string name)
    {
        var text = await response.Content.ReadAsStringAsync();
        response.Content.Headers.ContentType?.MediaType.Should().Be(Problem.ContentType, text);
        var problem = JsonDocument.Parse(text).RootElement;
        problem.GetProperty("type").GetString().Should().Be(ProblemType.Prefix + name, text);
        problem.GetProperty("status").GetInt32().Should().Be((int)response.StatusCode);
        problem.GetProperty("title").GetString().Should().NotBeNullOrEmpty();
        return problem;
    }

    public static async Task<JsonElement> ShouldBeAsync(this HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.Should().Be(status, text);
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Takes what waits in a queue.</summary>
    public static async Task<IReadOnlyList<JobLease>> FetchAsync(this IJobQueue queue, string name, int max = 10)
    {
        var consumer = await queue.OpenConsumerAsync(
            new JobConsumerOptions { Queues = [name], Name = $"test-{Guid.NewGuid():n}" }, CancellationToken.None);
        return await consumer.FetchAsync(max, CancellationToken.None);
    }
}
