using System.Globalization;
using System.Net;
using System.Text.Json;
using K8sQueue.Api.Hosting;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;
using K8sQueue.Worker.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Api.Tests.Workers;

/// <summary>A worker in the API's process, over a real Redis.</summary>
public sealed class BackgroundWorkerTests
{
    private const string Handlers = """--K8SQUEUE_HANDLERS={"*": {"exec": {"command": ["cat"]}}}""";

    private static readonly string[] Worker = ["--DISABLE_BACKGROUND_WORKERS=false", "--K8SQUEUE_QUEUES=emails", Handlers];

    [Fact]
    public async Task By_default_the_API_runs_no_job()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var api = await KestrelApi.StartAsync(redis.Address, Worker[1..]);
        await EnqueueAsync(api);
        (await ReadAsync(api, "/v1/workers?queue=emails")).GetProperty("workers").GetArrayLength().Should().Be(0);
        api.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().Should().NotContain(s => s.GetType().Assembly == typeof(WorkerOptions).Assembly);
    }

    [Fact]
    public async Task Asked_for_it_runs_jobs_under_a_name_of_its_own_and_other_workers_of_its_queue_are_named()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var api = await KestrelApi.StartAsync(redis.Address, Worker);

        var id = await EnqueueAsync(api);

        await Eventually.Passes(async () =>
        {
            var job = await ReadAsync(api, $"/v1/jobs/{id}");
            (job.GetProperty("state").GetString(), job.GetProperty("result").GetString()).Should().Be(("completed", "hello"));
        });
        var worker = (await ReadAsync(api, "/v1/workers?queue=emails")).GetProperty("workers").EnumerateArray().Should().ContainSingle().Which;
        worker.GetProperty("pod").GetString().Should().Be($"{Environment.MachineName}.api");
        (await KindsAsync(api)).GetProperty("status").GetString().Should().Be("ok");

        await using var pod = await api.Services.GetRequiredService<IJobQueue>().OpenConsumerAsync(
            new JobConsumerOptions { Queues = ["emails"], Name = "emails-6b7f-aaaaa.1f2e3d4c" }, CancellationToken.None);
        await Eventually.Passes(async () =>
        {
            var kinds = await KindsAsync(api);
            kinds.GetProperty("status").GetString().Should().Be("warning");
            kinds.GetProperty("detail").GetString().Should().Be($"emails: read in the API's process by {Environment.MachineName}.api, and by emails-6b7f-aaaaa");
        });
    }

    [Theory]
    [InlineData("DISABLE_BACKGROUND_WORKERS must be true or false", "--DISABLE_BACKGROUND_WORKERS=maybe")]
    [InlineData("K8SQUEUE_HANDLERS is missing", "--DISABLE_BACKGROUND_WORKERS=false", "--K8SQUEUE_QUEUES=emails")]
    [InlineData("QUEUES", "--DISABLE_BACKGROUND_WORKERS=false", Handlers)]
    [InlineData("K8SQUEUE_RECYCLE_AFTER_JOBS", "--DISABLE_BACKGROUND_WORKERS=false", "--K8SQUEUE_QUEUES=emails", Handlers, "--K8SQUEUE_RECYCLE_AFTER_JOBS=10")]
    public void A_worker_that_can_not_run_as_it_is_configured_keeps_the_API_from_starting(string message, params string[] settings)
    {
        var build = () => ApiHost.Build(["--K8SQUEUE_REDIS_ADDRESS=127.0.0.1:1", "--K8SQUEUE_API_ANONYMOUS=true", .. settings]);
        build.Should().Throw<ApiConfigurationException>().Which.Message.Should().Contain(message);
    }

    [Fact]
    public async Task A_pod_of_the_chart_lives_long_enough_for_the_drain()
    {
        var chart = Path.Combine(RepositoryFolder.Root, "charts", "k8squeue");
        var grace = Number(await File.ReadAllTextAsync(Path.Combine(chart, "values.yaml")), "  terminationGracePeriodSeconds: ");
        var preStop = Number(await File.ReadAllTextAsync(Path.Combine(chart, "templates", "api", "deployment.yaml")), "sleep: {seconds: ");

        grace.Should().BeGreaterThanOrEqualTo(preStop + (int)(new WorkerOptions().DrainTimeout + WorkerOptions.DrainMargin).TotalSeconds);
    }

    private static int Number(string text, string after)
    {
        var start = text.IndexOf(after, StringComparison.Ordinal) + after.Length;
        return int.Parse(string.Concat(text[start..].TakeWhile(char.IsAsciiDigit)), CultureInfo.InvariantCulture);
    }

    private static async Task<string> EnqueueAsync(KestrelApi api)
    {
        var response = await api.Client().PostAsync(
            "/v1/queues/emails/jobs", new StringContent("""{"type":"t","payload":"hello"}""", null, "application/json"));
        return (await response.ShouldBeAsync(HttpStatusCode.Accepted)).GetProperty("id").GetString()!;
    }

    private static async Task<JsonElement> KindsAsync(KestrelApi api) => (await ReadAsync(api, "/v1/diagnostics"))
        .GetProperty("checks").EnumerateArray().Single(check => check.GetProperty("id").GetString() == "two-kinds-of-consumers");

    private static async Task<JsonElement> ReadAsync(KestrelApi api, string path) => await (await api.Client().GetAsync(path)).ShouldBeAsync(HttpStatusCode.OK);
}
