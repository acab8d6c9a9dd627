using System.Net;
using System.Text.Json.Nodes;

namespace K8sQueue.Compose.Tests.Run;

public sealed class DistributedTopology() : LocalTopology("distributed")
{
    private protected override FrontDoor OpenFrontDoor() => new(new Uri($"http://127.0.0.1:{this["nginx"][0].Port}/"), Secret("app", "api-key"));
}

public sealed class DistributedTests(DistributedTopology topology) : SmokeTests(topology), IClassFixture<DistributedTopology>
{
    [Fact]
    public async Task What_is_documented_is_answered_so() => (await Examples.RunAsync("Distributed", Local.FrontDoor)).Should().Be(1);

    [Theory]
    [InlineData("image.resize", "images")]
    [InlineData("email.send", "emails")]
    [InlineData("report.make", "others")]
    public async Task A_type_is_run_by_its_workers(string type, string worker)
    {
        var record = await Local.FrontDoor.CompletedAsync(
            await Local.FrontDoor.EnqueueAsync(new JsonObject { ["type"] = type }.ToJsonString(), "v1/jobs"));

        ((string)record["consumer"]!).Should().StartWith($"{worker}-1");
    }

    [Fact]
    public async Task With_one_API_down_the_other_one_answers()
    {
        var api = Local["api-1"].Single();
        await api.Program.KillAsync();
        await api.DisposeAsync();

        for (var i = 0; i < 10; i++)
            (await Local.FrontDoor.GetAsync("readyz")).Status.Should().Be(HttpStatusCode.OK);
        await Local.FrontDoor.CompletedAsync(await Local.FrontDoor.EnqueueAsync("""{"type": "report.make"}"""));

        await api.StartAsync();
    }

    [Theory]
    [InlineData("metrics")]
    [InlineData("METRICS/")]
    [InlineData("health")]
    [InlineData("Health/")]
    public async Task What_needs_no_key_and_tells_much_is_not_for_the_world(string path) =>
        (await Local.FrontDoor.GetAsync(path)).Status.Should().Be(HttpStatusCode.NotFound);
}
