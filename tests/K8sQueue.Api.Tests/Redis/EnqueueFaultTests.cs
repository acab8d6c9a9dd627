using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Api.Tests.Redis;

public sealed class EnqueueFaultTests
{
    private const int Producers = 32;
    private const int JobsOfEach = 60;

    [Fact]
    public async Task What_was_answered_while_Redis_was_killed_is_there_once_and_nothing_is_there_twice()
    {
        await using var redis = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "always");
        await using var api = await KestrelApi.StartAsync(redis.Address);
        using var client = api.Client();
        var answers = new ConcurrentDictionary<int, (HttpStatusCode Status, string? Id)>();
        var next = 0;
        var load = Enumerable.Range(0, Producers).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < JobsOfEach; i++)
            {
                var number = Interlocked.Increment(ref next);
                answers[number] = await EnqueueAsync(client, number);
            }
        })).ToArray();
        await Eventually.IsTrue(() => answers.Count > Producers * JobsOfEach / 4);
        redis.Kill();
        await redis.StartAsync();
        await Task.WhenAll(load);
        await Eventually.IsTrue(
            async () => (await EnqueueAsync(client, Interlocked.Increment(ref next))).Status == HttpStatusCode.Accepted, TimeSpan.FromSeconds(20));

        answers.Values.Select(answer => answer.Status).Should()
            .OnlyContain(status => status == HttpStatusCode.Accepted || status == HttpStatusCode.ServiceUnavailable);
        var there = await FetchAllAsync(api.Services.GetRequiredService<IJobQueue>());
        there.Select(job => job.Number).Should().OnlyHaveUniqueItems();
        var ids = there.ToDictionary(job => job.Number, job => job.Id);
        foreach (var (number, answer) in answers)
        {
            if (answer.Status == HttpStatusCode.Accepted)
                ids.GetValueOrDefault(number).Should().Be(answer.Id, $"job {number} was answered");
        }
    }

    private static async Task<(HttpStatusCode Status, string? Id)> EnqueueAsync(HttpClient client, int number)
    {
        using var content = new StringContent(string.Create(CultureInfo.InvariantCulture, $$"""{"type":"t","payload":{{number}}}"""), Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri("/v1/queues/q/jobs", UriKind.Relative), content);
        return (response.StatusCode, response.StatusCode == HttpStatusCode.Accepted ? (await response.JsonAsync()).GetProperty("id").GetString() : null);
    }

    private static async Task<IReadOnlyList<(int Number, string Id)>> FetchAllAsync(IJobQueue queue)
    {
        var there = new List<(int, string)>();
        var waiting = (await queue.GetStatisticsAsync("q", CancellationToken.None)).Backlog.Waiting;
        await using var consumer = await queue.OpenConsumerAsync(new JobConsumerOptions { Queues = ["q"], Name = "w" }, CancellationToken.None);
        while (there.Count < waiting)
        {
            foreach (var lease in await consumer.FetchAsync(500, CancellationToken.None))
                there.Add((int.Parse(Encoding.UTF8.GetString(lease.Job.Payload.Span), CultureInfo.InvariantCulture), lease.Job.Id.Value));
        }

        return there;
    }
}
