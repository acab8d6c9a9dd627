using System.Net;
using K8sQueue.Testing;
using StackExchange.Redis;

namespace K8sQueue.Compose.Tests.Run;

/// <summary>What holds for every topology, seen from where producers are.</summary>
public abstract class SmokeTests(LocalTopology topology)
{
    // So many requests ask each of them.
    private const int MoreThanApis = 6;

    private protected LocalTopology Local { get; } = topology;

    private FrontDoor FrontDoor => Local.FrontDoor;

    private TestApplication Application => Local.Application;

    private LocalService Redis => Local[Local["redis"].Count > 0 ? "redis" : "redis-queue"].Single();

    [Fact]
    public async Task It_is_healthy_and_lets_nobody_in_without_a_key()
    {
        (await FrontDoor.GetAsync("readyz", withKey: false)).Status.Should().Be(HttpStatusCode.OK);
        (await FrontDoor.GetAsync("v1/queues", withKey: false)).Status.Should().Be(HttpStatusCode.Unauthorized);
        (await FrontDoor.GetAsync("v1/queues")).Status.Should().Be(HttpStatusCode.OK);
        foreach (var worker in Local.Workers)
            await worker.HealthyAsync();
    }

    [Fact]
    public async Task A_job_that_goes_in_is_done_by_the_application_and_its_result_is_there()
    {
        var record = await FrontDoor.CompletedAsync(await FrontDoor.EnqueueAsync("""{"type": "report.make", "payload": {"page": 1}}"""));

        record["result"]!.ToJsonString().Should().Be("""{"done":true}""");
        Application.Calls.Should().ContainSingle(call => call == (string)record["id"]!);
    }

    [Fact]
    public async Task A_restart_of_every_API_loses_no_job()
    {
        await FrontDoor.SendAsync(HttpMethod.Post, "v1/queues/default/pause");
        var jobs = new List<string>();
        for (var i = 0; i < 20; i++)
            jobs.Add(await FrontDoor.EnqueueAsync("""{"type": "report.make"}"""));

        foreach (var api in Local.Apis)
        {
            (await api.StopAsync()).Should().Be(0);
            await api.StartAsync();
        }

        await FrontDoor.SendAsync(HttpMethod.Post, "v1/queues/default/resume");
        foreach (var job in jobs)
            await FrontDoor.CompletedAsync(job);
        Application.Calls.Where(jobs.Contains).Should().BeEquivalentTo(jobs);
    }

    [Fact]
    public async Task Whoever_logs_in_to_the_dashboard_is_logged_in_at_every_API_and_after_its_restart()
    {
        var cookie = await FrontDoor.LogInAsync();

        cookie.StartsWith("__Host-", StringComparison.Ordinal).Should().Be(FrontDoor.Address.Scheme == Uri.UriSchemeHttps);
        foreach (var api in Local.Apis)
        {
            await PagesAreShownAsync(cookie);
            (await api.StopAsync()).Should().Be(0);
            await api.StartAsync();
        }

        await PagesAreShownAsync(cookie);
        (await FrontDoor.PageAsync("", "k8squeue=other")).Should().Be((HttpStatusCode.Redirect, "/login"));
    }

    [Fact]
    public async Task A_worker_that_is_stopped_finishes_what_it_has_and_others_wait_for_the_next()
    {
        var held = await FrontDoor.EnqueueAsync("""{"type": "report.make", "payload": {"hold": true}}""");
        await Eventually.IsTrue(() => Application.IsHeld(held));

        var stops = Local.Workers.ToDictionary(worker => worker, worker => worker.StopAsync());
        await Eventually.IsTrue(async () => stops.Where(stop => !stop.Value.IsCompleted).ToList() is [var last] && await last.Key.IsDrainingAsync());
        var next = await FrontDoor.EnqueueAsync("""{"type": "report.make"}""");
        Application.Release(held);

        (await Task.WhenAll(stops.Values)).Should().OnlyContain(code => code == 0);
        ((int)(await FrontDoor.CompletedAsync(held))["attempt"]!).Should().Be(1);
        ((string)(await FrontDoor.SendAsync(HttpMethod.Get, $"v1/jobs/{next}"))["state"]!).Should().Be("waiting");
        await Task.WhenAll(stops.Keys.Select(worker => worker.StartAsync()));
        await FrontDoor.CompletedAsync(next);
        Application.Calls.Count(call => call == held).Should().Be(1);
    }

    [Fact]
    public async Task A_Redis_that_is_killed_has_all_that_it_had_written_when_it_is_back()
    {
        var job = await FrontDoor.EnqueueAsync("""{"type": "report.make", "delaySeconds": 2}""");

        // While its disk syncs, Redis keeps what it acknowledges to itself, for two seconds at most: a kill in just that moment costs it.
        await Eventually.IsTrue(HasWrittenAllAsync);
        await Redis.Program.KillAsync();
        await Redis.DisposeAsync();
        await Redis.StartAsync();

        foreach (var program in Local.Apis.Concat(Local.Workers))
            await program.HealthyAsync();

        // An API answers 503 until its connection is back, which its health may not have missed yet.
        await Eventually.Passes(async () =>
        {
            for (var i = 0; i < MoreThanApis; i++)
                await FrontDoor.SendAsync(HttpMethod.Get, $"v1/jobs/{job}");
        });
        await FrontDoor.CompletedAsync(job);
    }

    private async Task<bool> HasWrittenAllAsync()
    {
        var password = Local.Secret(Redis.Folder, $"{Redis.Name}-password");
        using var driver = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{Redis.Port},password={password},allowAdmin=true");
        var persistence = await driver.GetServer("127.0.0.1", Redis.Port).InfoAsync("persistence");
        return persistence.Single().Contains(new KeyValuePair<string, string>("aof_buffer_length", "0"));
    }

    private async Task PagesAreShownAsync(string cookie)
    {
        for (var i = 0; i < MoreThanApis; i++)
            (await FrontDoor.PageAsync("", cookie)).Should().Be((HttpStatusCode.OK, ""));
    }

    [Fact]
    public async Task Whoever_may_check_the_health_of_Redis_may_do_nothing_else()
    {
        foreach (var command in (string[])["keys", "info", "config", "get", "flushall"])
        {
            await using var client = ChildProgram.Start(
                "/dev/null", new Dictionary<string, string>(),
                "redis-cli", "-e", "-p", $"{Redis.Port}", "--user", "health", "--pass", "health", "--no-auth-warning", command, "*");
            (await client.WaitForExitAsync(TimeSpan.FromSeconds(30))).Should().Be(1);
        }
    }
}
