
namespace K8sQueue.EndToEnd.Tests;

/// <summary>The promise of the queue, checked by its counters, by each job's record and by the endpoint that the jobs called.</summary>
internal static class ConservationOfJobs
{
    public static async Task AssertAsync(EndToEndEnvironment environment, string queue, IReadOnlyList<string> ids)
    {
        await AssertCountersAsync(environment, queue, ids.Count);
        foreach (var id in ids)
        {
            var record = await environment.Api.GetJobAsync(id, CancellationToken.None);
            record.Should().NotBeNull();
            record!["state"]!.GetValue<string>().Should().BeEquivalentTo("completed");
            environment.Endpoint.Served(id).Should().BeTrue();
        }
    }

    /// <summary>By the queue's counters alone.</summary>
    public static async Task AssertCountersAsync(EndToEndEnvironment environment, string queue, int jobs)
    {
        var figures = await environment.Api.GetFiguresAsync(queue, CancellationToken.None);
        figures.Completed.Should().Be(jobs, "each job completes exactly once");
        figures.Buried.Should().Be(0);
        (figures.Backlog + figures.Delayed).Should().Be(0, "nothing is left over");
        figures.Started.Should().Be(jobs + figures.Recovered + figures.Released + figures.Retried);
    }
}
