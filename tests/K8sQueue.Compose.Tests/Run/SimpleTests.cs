namespace K8sQueue.Compose.Tests.Run;

public sealed class SimpleTopology() : LocalTopology("simple")
{
    private protected override FrontDoor OpenFrontDoor() => new(new Uri($"http://127.0.0.1:{this["api"][0].Port}/"), Secret("", "api-key"));
}

public sealed class SimpleTests(SimpleTopology topology) : SmokeTests(topology), IClassFixture<SimpleTopology>
{
    [Fact]
    public async Task What_is_documented_is_answered_so() => (await Examples.RunAsync("Simple", Local.FrontDoor)).Should().Be(1);

    [Fact]
    public void Three_workers_run() => Local.Workers.Should().HaveCount(3);
}
