using K8sQueue.Chart.Tests.Support;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.Testing;

namespace K8sQueue.Chart.Tests;

/// <summary>The script of the development Redis, run as its container would, by the redis-server of this machine.</summary>
public sealed class DevelopmentRedisTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("k8squeue-dev-redis-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Theory]
    [InlineData("simple")]
    [InlineData("with \"quotes\", a \\ and a $HOME")]
    public async Task It_takes_any_password_evicts_nothing_and_writes_to_its_volume(string password)
    {
        var container = Rendered.Containers((await Helm.RenderAsync("redis: {enabled: true}")).Pods().Single(pod => pod.Of == "k8squeue-redis").Spec).Single();
        var port = FreePort.Next();
        var script = (string)container.ListAt("args")!.Single()!;
        string[] command = [.. container.ListAt("command")!.Select(word => (string)word!), script.Replace("port 6379", $"port {port}", StringComparison.Ordinal)];
        await using var redis = ChildProgram.Start(
            Path.Combine(_data, "log"), new Dictionary<string, string> { ["DATA"] = _data, ["REDIS_PASSWORD"] = password }, command);

        Task<Command> Ask(params string[] words) => Command.RunAsync(
            "redis-cli", ["-p", $"{port}", .. words], new Dictionary<string, string> { ["REDISCLI_AUTH"] = password });

        await Eventually.IsTrue(async () => (await Ask("ping")).Output.Trim() == "PONG", TimeSpan.FromSeconds(20), redis.LogEnd);
        (await Ask("config", "get", "maxmemory-policy")).Output.Should().Contain("noeviction");
        (await Ask("config", "get", "append*")).Output.Should().Contain("appendonly\nyes").And.Contain("appendfsync\neverysec");
        (await Ask("config", "get", "dir")).Output.Should().Contain(_data);
        (await Command.RunAsync("redis-cli", ["-p", $"{port}", "ping"])).Output.Should().Contain("NOAUTH");
        (await File.ReadAllTextAsync($"/proc/{redis.Id}/cmdline")).Should().NotContain(password).And.StartWith("redis-server");
    }
}
