using K8sQueue.Api.Telemetry;
using K8sQueue.Api.Tests.Cluster;
using K8sQueue.Core.Capacity;
using K8sQueue.Core.InMemory;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Trends;
using K8sQueue.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace K8sQueue.Api.Tests.Dashboard;

/// <summary>
/// The pictures of the documentation, of the dashboard itself over an hour of jobs that goes by quickly. <c>make screenshots</c> keeps them:
/// the variable <see cref="FolderVariable"/> says where.
/// </summary>
[Collection(nameof(Browser))]
public sealed class ScreenshotTests(Browser browser, TestCluster cluster)
{
    private const string FolderVariable = "K8SQUEUE_SCREENSHOTS";

    private static readonly (string Name, int Rate, double Seconds, int Consumers)[] Queues =
        [("billing", 4, 1.4, 2), ("emails", 14, 0.3, 4), ("reports", 2, 6, 1), ("thumbnails", 9, 0.8, 3), ("webhooks", 6, 0.5, 0)];

    // So that it ends about now, which is when the cluster's pods start.
    private readonly ManualTimeProvider _time = new(TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(1) + TimeSpan.FromSeconds(30));

    [Fact]
    public async Task The_pages_of_the_documentation_can_be_pictured()
    {
        var (api, queue) = await KestrelApi.StartAsync(new InMemoryJobQueue(time: _time), services =>
        {
            services.AddSingleton<TimeProvider>(_time);
            services.Remove(services.Single(service => service.ImplementationType == typeof(QueueSampler)));
            services.Remove(services.Single(service => service.ImplementationType == typeof(PoolSampler)));
        }, $"--KUBECONFIG={cluster.Kubeconfig}");
        await using var running = api;
        var dead = await queue.BuryAsync(
            DashboardJobs.Request("""{"to":"ada@example.com","template":"invoice","smtp":{"host":"mail.example.com","password":"hunter2"}}""", "emails") with { Tags = ["eu", "invoice"] },
            "SmtpException: 550 5.1.1 <ada@example.com>: Recipient address rejected: User unknown\n   at Shop.Mail.Mailer.SendAsync(Message message)\n   at Shop.Handlers.SendEmail.HandleAsync(JobContext context)");
        for (var minute = 0; minute < 60; minute++)
            await PassAsync(api, queue, minute);
        var consumers = new List<IJobConsumer>();
        foreach (var (name, _, _, count) in Queues)
        {
            for (var i = 0; i < count; i++)
                consumers.Add(await queue.OpenConsumerAsync(new JobConsumerOptions { Queues = [name], Name = $"{name}-7d4b9c-{i}x2kq.1f2e3d4c" }, CancellationToken.None));
        }

        consumers.Insert(0, await queue.OpenConsumerAsync(new JobConsumerOptions { Queues = ["emails"], Name = $"{PicturedPool.DrainingPod}.9a0b1c2d" }, CancellationToken.None));
        for (var i = 0; i < 3; i++)
            await queue.EnqueueAsync(DashboardJobs.Request(queue: "emails") with { Lane = Core.Jobs.Lane.High });
        foreach (var consumer in consumers.Where(consumer => consumer.Name.StartsWith("emails", StringComparison.Ordinal)).Take(3))
            await consumer.FetchAsync(1, CancellationToken.None);
        await SampleAsync(api, queue);
        await PicturedPool.MakeAsync(cluster, _time.GetUtcNow());

        var folder = Environment.GetEnvironmentVariable(FolderVariable) ?? Directory.CreateTempSubdirectory("k8squeue-pictures").FullName;
        Directory.CreateDirectory(folder);
        await using (var light = await browser.VisitAsync(api))
        {
            await TakeAsync(light.Page, "/", folder, "overview");
            await TakeAsync(light.Page, "/queues/emails", folder, "queue");
            await TakeAsync(light.Page, $"/queues/emails/dead-letters/{dead}", folder, "dead-letter");
            await TakeAsync(light.Page, "/pools", folder, "pools");
            await TakeAsync(light.Page, $"/pools/{PicturedPool.Namespace}/emails", folder, "pool");
            await TakeAsync(light.Page, "/budgets", folder, "budgets");
            await TakeAsync(light.Page, $"/budgets/{PicturedPool.Namespace}/orders-db", folder, "budget");
            await TakeAsync(light.Page, "/diagnostics", folder, "diagnostics");
            await TakeAsync(light.Page, "/workers", folder, "workers");
        }

        await using (var dark = await browser.VisitAsync(api, scheme: ColorScheme.Dark))
            await TakeAsync(dark.Page, "/", folder, "overview-dark");
        Directory.GetFiles(folder, "*.png").Should().HaveCountGreaterThanOrEqualTo(10).And.OnlyContain(file => new FileInfo(file).Length > 20_000);
        foreach (var consumer in consumers)
            await consumer.DisposeAsync();
    }

    private static async Task TakeAsync(IPage page, string path, string folder, string name)
    {
        await page.GotoAsync(path);
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{name}.png"), Animations = ScreenshotAnimations.Disabled });
    }

    // The rate goes up and down; some attempts fail, and what the workers can't do waits.
    private async Task PassAsync(KestrelApi api, FaultyQueue queue, int minute)
    {
        foreach (var (name, rate, seconds, consumers) in Queues)
        {
            var jobs = (int)(rate * 6 * (1.3 + Math.Sin((minute + name.Length * 9) / 9.0) + (0.15 * Math.Sin(minute * 2.3))));
            await queue.EnqueueAsync([.. Enumerable.Repeat(DashboardJobs.Request(queue: name) with { Tracked = false }, jobs)], CancellationToken.None);
            if (consumers > 0)
                await WorkAsync(queue, name, jobs + (minute % 7) - 2, failures: minute % 11 == 0 ? 3 : 0, seconds);
        }

        _time.Advance(TimeSpan.FromMinutes(1));
        await SampleAsync(api, queue);
    }

    private static async Task WorkAsync(FaultyQueue queue, string name, int most, int failures, double seconds)
    {
        await using var consumer = await queue.OpenAsync(name);
        var leases = await consumer.FetchAsync(Math.Max(1, most), CancellationToken.None);
        await consumer.RetryAsync([.. leases.Take(failures).Select(lease => new JobRetry(lease, TimeSpan.FromSeconds(40), "timed out"))], CancellationToken.None);
        await consumer.CompleteAsync([.. leases.Skip(failures).Select(lease => new JobCompletion(lease))], CancellationToken.None);
        await consumer.LeaveAsync(CancellationToken.None);
        var (durations, waits) = (new LoadHistogram(), new LoadHistogram());
        for (var i = 0; i < leases.Count; i++)
        {
            durations.Add(TimeSpan.FromSeconds(seconds * (0.6 + (i % 9 / 10.0))));
            waits.Add(TimeSpan.FromMilliseconds(12 + (i % 13 * leases.Count / 10.0)));
        }

        var busy = TimeSpan.FromSeconds(seconds * leases.Count);
        await queue.Load.ReportAsync(
            name,
            new LoadSample { Durations = durations, Waits = waits, Busy = busy, Occupied = busy, Slots = TimeSpan.FromSeconds(60 * 32), Elapsed = TimeSpan.FromSeconds(60) },
            CancellationToken.None);
    }

    private static async Task SampleAsync(KestrelApi api, FaultyQueue queue)
    {
        var (sample, capacities, waits) = (new List<QueueStatistics>(), new List<(string, QueueCapacity)>(), new List<(string, WaitSteps)>());
        foreach (var name in await queue.ListQueuesAsync(CancellationToken.None))
        {
            sample.Add(await queue.GetStatisticsAsync(name, CancellationToken.None));
            capacities.Add((name, await queue.GetCapacityAsync(name, CancellationToken.None)));
            waits.Add((name, WaitSteps.Of(await queue.Load.ReadAsync(name, CancellationToken.None))));
        }

        await api.Services.GetRequiredService<QueueTrends>().AddAsync(sample, CancellationToken.None);
        await api.Services.GetRequiredService<WaitTrends>().AddAsync(waits, CancellationToken.None);
        api.Services.GetRequiredService<QueueMetrics>().Set(sample);
        var emails = sample.Single(one => one.Queue == "emails").Backlog;
        api.Services.GetRequiredService<PoolTrends>().Add([PicturedPool.After(emails.Waiting + emails.InFlight)]);
        api.Services.GetRequiredService<QueueMetrics>().Set(capacities);
    }
}
