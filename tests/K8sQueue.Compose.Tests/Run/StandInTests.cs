using K8sQueue.Compose.Tests.Model;

namespace K8sQueue.Compose.Tests.Run;

/// <summary>The service app as it comes, which the other tests have one of their own in the place of.</summary>
public sealed class StandInTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("k8squeue-app-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("simple")]
    [InlineData("single-host")]
    [InlineData("distributed")]
    public async Task It_answers_every_job(string name)
    {
        var topology = Topology.Load(name);
        var (file, service) = topology.Services.Single(pair => pair.Service.Name == "app");
        await using var app = new LocalService(new LocalMap(topology, _folder), file, service, 1, _folder);
        await app.StartAsync();

        using var http = new HttpClient();
        using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{app.Port}/jobs"), new StringContent("{}"));

        answer.IsSuccessStatusCode.Should().BeTrue();
        answer.Content.Headers.ContentType!.MediaType.Should().Be("application/json");
        (await answer.Content.ReadAsStringAsync()).Should().Be("""{"done": true}""");
    }
}
