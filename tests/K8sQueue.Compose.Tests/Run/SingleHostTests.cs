using System.Net;
using System.Text.Json.Nodes;
using K8sQueue.Testing;
using K8sQueue.Worker.Hosting;

namespace K8sQueue.Compose.Tests.Run;

public sealed class SingleHostTopology() : LocalTopology("single-host")
{
    private protected override FrontDoor OpenFrontDoor() => new(
        new Uri($"https://localhost:{this["caddy"][0].Port}/"), Secret("", "api-key"), PathOf("caddy", "/data/caddy/pki/authorities/local/root.crt"));
}

public sealed class SingleHostTests(SingleHostTopology topology) : SmokeTests(topology), IClassFixture<SingleHostTopology>
{
    [Fact]
    public async Task What_is_documented_is_answered_so() => (await Examples.RunAsync("Single host", Local.FrontDoor)).Should().Be(1);

    [Fact]
    public async Task Maintenance_of_the_database_is_a_job()
    {
        await ExecuteAsync("INSERT INTO events (at, note) SELECT now() - n * interval '10 days', 'n' FROM generate_series(0, 9) n");

        var purge = await Local.FrontDoor.CompletedAsync(await Local.FrontDoor.EnqueueAsync("""{"type": "maintenance.purge"}""", "v1/jobs"));
        await Local.FrontDoor.CompletedAsync(await Local.FrontDoor.EnqueueAsync("""{"type": "maintenance.analyze"}""", "v1/jobs"));

        purge["result"]!.ToJsonString().Should().Be("""{"deleted":7}""");
        (await ExecuteAsync("SELECT count(*) FROM events")).Should().Be("3");
        (await ExecuteAsync("SELECT count(*) FROM pg_stats WHERE tablename = 'events'")).Should().NotBe("0");
    }

    [Fact]
    public async Task It_is_a_job_of_the_calendar_too()
    {
        await Local.FrontDoor.SendAsync(
            HttpMethod.Put, "v1/queues/maintenance/schedules/purge", """{"cron": "* * * * * ?", "overlap": "skip", "job": {"type": "maintenance.purge"}}""");
        JsonNode schedule = new JsonObject();
        await Eventually.IsTrue(
            async () => (schedule = await Local.FrontDoor.SendAsync(HttpMethod.Get, "v1/queues/maintenance/schedules/purge"))["lastJobId"] is not null);

        await Local.FrontDoor.SendAsync(HttpMethod.Delete, "v1/queues/maintenance/schedules/purge");
        await Local.FrontDoor.CompletedAsync((string)schedule["lastJobId"]!);
        await Eventually.IsTrue(async () => (int)(await Local.FrontDoor.SendAsync(HttpMethod.Get, "v1/queues/maintenance"))["demand"]! == 0);
    }

    [Fact]
    public async Task Who_reads_waits_while_the_API_starts_anew()
    {
        var api = Local["api"].Single();
        (await api.StopAsync()).Should().Be(0);

        var waiting = Local.FrontDoor.GetAsync("v1/queues/default");
        await api.StartAsync();

        (await waiting).Status.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_worker_refuses_the_cache_as_its_queue()
    {
        await using var worker = ChildProgram.Start(
            Path.Combine(Local.Folder, "refused.log"),
            new Dictionary<string, string>
            {
                ["K8SQUEUE_REDIS_ADDRESS"] = $"127.0.0.1:{Local["redis-cache"].Single().Port}",
                ["K8SQUEUE_REDIS_PASSWORD"] = Local.Secret("", "redis-cache-password"),
                ["K8SQUEUE_QUEUES"] = "default",
                ["K8SQUEUE_HANDLERS"] = """{"*": {"exec": {"command": ["true"]}}}""",
                ["K8SQUEUE_MANAGEMENT_PORT"] = "0",
            },
            LocalCommand.OfWorker);

        (await worker.WaitForExitAsync(TimeSpan.FromMinutes(1))).Should().Be(WorkerExit.Misconfigured);
        worker.LogEnd.Should().Contain("maxmemory-policy");
    }

    [Theory]
    [InlineData("metrics")]
    [InlineData("METRICS/")]
    [InlineData("health")]
    [InlineData("Health/")]
    public async Task What_needs_no_key_and_tells_much_is_not_for_the_world(string path) =>
        (await Local.FrontDoor.GetAsync(path)).Status.Should().Be(HttpStatusCode.NotFound);

    [Fact]
    public async Task Nothing_is_served_without_TLS()
    {
        using var http = new HttpClient();
        using var response = await http.GetAsync(new UriBuilder(Local.FrontDoor.Address) { Scheme = "http", Path = "/readyz" }.Uri);

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    private Task<string> ExecuteAsync(string sql) => Local.Database!.ExecuteAsync(sql, "app");
}
