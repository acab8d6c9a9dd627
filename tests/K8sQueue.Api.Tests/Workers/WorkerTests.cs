using System.Net;
using System.Text.Json;
using K8sQueue.Api.Cluster;
using K8sQueue.Api.Workers;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Tests.Workers;

public sealed class WorkerTests
{
    [Fact]
    public async Task Workers_are_listed_by_queue_with_what_they_have_in_flight()
    {
        await using var api = new TestApi();
        await EnqueueAsync(api, "a", "b", "c");
        await using var both = await OpenAsync(api, "pod-1.1234", "a", "b");
        await using var one = await OpenAsync(api, "pod-2.1234", "b");
        (await one.FetchAsync(1, CancellationToken.None)).Should().ContainSingle();

        var workers = (await GetAsync(api, "/v1/workers")).GetProperty("workers").EnumerateArray().ToList();

        workers.Select(w => $"{w.GetProperty("queue")} {w.GetProperty("pod")} {w.GetProperty("inFlight")}").Should().BeEquivalentTo(
            "a pod-1 0", "b pod-1 0", "b pod-2 1");
        workers.Should().OnlyContain(w => w.GetProperty("leaseAgeSeconds").GetDouble() >= 0);
        (await GetAsync(api, "/v1/workers?queue=b")).GetProperty("workers").GetArrayLength().Should().Be(2);
        (await GetAsync(api, "/v1/workers?queue=unknown")).GetProperty("workers").GetArrayLength().Should().Be(0);
    }

    [Fact]
    public async Task Workers_come_page_by_page()
    {
        await using var api = new TestApi();
        await EnqueueAsync(api, "a", "b", "c");
        await using var all = await OpenAsync(api, "pod.1", "a", "b", "c");

        var first = await GetAsync(api, "/v1/workers?limit=2");
        var second = await GetAsync(api, $"/v1/workers?limit=2&after={first.GetProperty("next").GetString()}");

        first.GetProperty("workers").EnumerateArray().Select(w => w.GetProperty("queue").GetString()).Should().Equal("a", "b");
        second.GetProperty("workers").EnumerateArray().Select(w => w.GetProperty("queue").GetString()).Should().Equal("c");
        second.TryGetProperty("next", out _).Should().BeFalse();
    }

    [Fact]
    public async Task A_key_sees_the_workers_of_its_queues_alone()
    {
        await using var api = new TestApi();
        await EnqueueAsync(api, "mine", "theirs");
        await using var both = await OpenAsync(api, "pod.1", "mine", "theirs");
        using var client = api.Client(api.AddKey("some", "verbs=read;queues=mine"));

        var workers = (await (await client.GetAsync("/v1/workers")).ShouldBeAsync(HttpStatusCode.OK)).GetProperty("workers").EnumerateArray().ToList();

        workers.Select(w => w.GetProperty("queue").GetString()).Should().Equal("mine");
        await (await client.GetAsync("/v1/workers?queue=theirs")).ShouldBeProblemAsync("forbidden");
        await (await client.GetAsync("/v1/pools")).ShouldBeProblemAsync("forbidden");
        await (await client.GetAsync("/v1/diagnostics")).ShouldBeProblemAsync("forbidden");
    }

    [Theory]
    [InlineData("/v1/workers?queue=No Queue", "invalid-queue-name")]
    [InlineData("/v1/workers?limit=101", "invalid-parameter")]
    public async Task Bad_parameters_are_refused(string path, string problem)
    {
        await using var api = new TestApi();
        await (await api.Client().GetAsync(path)).ShouldBeProblemAsync(problem);
    }

    [Theory]
    [InlineData("emails-6b7f-aaaaa.1f2e3d4c", "emails-6b7f-aaaaa")]
    [InlineData("host.example.org.1f2e3d4c", "host.example.org")]
    [InlineData("plain", "plain")]
    [InlineData(".odd", ".odd")]
    public void A_consumers_name_tells_its_pod(string consumer, string pod) => WorkerDocument.PodOf(consumer).Should().Be(pod);

    [Fact]
    public void What_a_pod_has_in_flight_is_the_sum_over_its_queues_and_starts() => PodLoad.Sum(
        [new("a.1", 1, default), new("a.2", 2, default), new("b.1", 0, default), new("a.1", 4, default)])
        .Should().BeEquivalentTo(new Dictionary<string, int> { ["a"] = 7, ["b"] = 0 });

    private static async Task EnqueueAsync(TestApi api, params string[] queues) => await api.Queue.EnqueueAsync(
        [.. queues.Select(queue => new JobRequest { Queue = queue, Type = "t" })], CancellationToken.None);

    private static async Task<IJobConsumer> OpenAsync(TestApi api, string name, params string[] queues) =>
        await api.Queue.OpenConsumerAsync(new JobConsumerOptions { Queues = queues, Name = name }, CancellationToken.None);

    private static async Task<JsonElement> GetAsync(TestApi api, string path) => await (await api.Client().GetAsync(path)).ShouldBeAsync(HttpStatusCode.OK);
}
