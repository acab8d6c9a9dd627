using System.Security.Cryptography;
using System.Text;
using K8sQueue.Chart.Tests.Support;
using K8sQueue.Testing;

namespace K8sQueue.Chart.Tests;

/// <summary>What helm test runs: <c>dotnet K8sQueue.Worker.dll check</c>, over a real API and a real Redis.</summary>
public sealed class CheckTests : IAsyncLifetime
{
    private const string Key = "k8sq_a-key-for-the-check";

    private readonly string _directory = Directory.CreateTempSubdirectory("k8squeue-check-").FullName;
    private readonly string _url = $"http://127.0.0.1:{FreePort.Next()}";
    private RedisServer _redis = null!;
    private ChildProgram _api = null!;

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _api = ChildProgram.Start(
            Path.Combine(_directory, "api.log"),
            new Dictionary<string, string>
            {
                ["ASPNETCORE_URLS"] = _url,
                ["K8SQUEUE_REDIS_ADDRESS"] = _redis.Address,
                ["K8SQUEUE_API_KEYS"] = $"check:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key)))}",
            },
            "dotnet", Programs.Api);
    }

    public async Task DisposeAsync()
    {
        await _api.DisposeAsync();
        await _redis.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_job_that_went_through_API_and_worker_is_told_and_leaves_nothing_in_the_queue()
    {
        // It waits for an API that is still starting.
        (await CheckAsync()).Succeeded().Should().MatchRegex("^k8squeue-check\\.\\S+ went in through the API and was done in [0-9.]+ s\\.\n$");
        (await CheckAsync()).Succeeded();

        using var http = new HttpClient { DefaultRequestHeaders = { { "X-Api-Key", Key } } };
        (await http.GetStringAsync(new Uri($"{_url}/v1/queues/k8squeue-check"))).Should().Contain("\"demand\":0").And.Contain("\"consumers\":0");
    }

    [Fact]
    public async Task A_key_that_the_API_does_not_know_is_named()
    {
        var check = await CheckAsync(("K8SQUEUE_CHECK_API_KEY", "k8sq_wrong"));

        check.ExitCode.Should().Be(1);
        check.Error.Should().Contain("the API does not know the key of K8SQUEUE_CHECK_API_KEY");
    }

    [Fact]
    public async Task Another_Redis_than_the_APIs_is_suspected()
    {
        await using var other = await RedisServer.StartAsync();

        var check = await CheckAsync(("K8SQUEUE_REDIS_ADDRESS", other.Address), ("K8SQUEUE_CHECK_TIMEOUT_SECONDS", "3"));

        check.ExitCode.Should().Be(1);
        check.Error.Should().Contain("not done within 3 s").And.Contain("(waiting)").And.Contain("K8SQUEUE_REDIS_ADDRESS");
    }

    [Fact]
    public async Task An_API_that_is_not_there_is_told_with_the_reason()
    {
        var check = await CheckAsync(("K8SQUEUE_CHECK_API", $"http://127.0.0.1:{FreePort.Next()}"), ("K8SQUEUE_CHECK_TIMEOUT_SECONDS", "1"));

        check.ExitCode.Should().Be(1);
        check.Error.Should().Contain("not done within 1 s").And.Contain("refused");
    }

    [Theory]
    [InlineData("K8SQUEUE_CHECK_API", "", "K8SQUEUE_CHECK_API is missing")]
    [InlineData("K8SQUEUE_CHECK_API", "redis:6379", "must be an http or https address")]
    [InlineData("K8SQUEUE_CHECK_API_KEY", "", "K8SQUEUE_CHECK_API_KEY is missing")]
    [InlineData("K8SQUEUE_CHECK_TIMEOUT_SECONDS", "0", "from 1 to 3600")]
    [InlineData("K8SQUEUE_CHECK_CERTIFICATE_FILE", "/no/such/file", "K8SQUEUE_CHECK_CERTIFICATE_FILE")]
    [InlineData("K8SQUEUE_REDIS_ADDRESS", "", "REDIS_ADDRESS is missing")]
    public async Task A_wrong_setting_is_named(string variable, string value, string message)
    {
        var check = await CheckAsync((variable, value));

        check.ExitCode.Should().Be(78);
        check.Error.Should().Contain(message);
    }

    private Task<Command> CheckAsync(params (string Name, string Value)[] settings)
    {
        var environment = new Dictionary<string, string>
        {
            ["K8SQUEUE_REDIS_ADDRESS"] = _redis.Address,
            ["K8SQUEUE_CHECK_API"] = _url,
            ["K8SQUEUE_CHECK_API_KEY"] = Key,
            ["K8SQUEUE_CHECK_TIMEOUT_SECONDS"] = "30",
        };
        foreach (var (name, value) in settings)
            environment[name] = value;
        return Command.RunAsync("dotnet", [Programs.Worker, "check"], environment);
    }
}
