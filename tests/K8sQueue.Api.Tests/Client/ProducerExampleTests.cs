using System.Text;
using System.Text.RegularExpressions;
using K8sQueue.Api.Tests.Dashboard;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace K8sQueue.Api.Tests.Client;

public sealed partial class ProducerExampleTests
{
    [Fact]
    public async Task The_code_of_the_how_to_is_the_code_that_runs_here()
    {
        var source = await File.ReadAllTextAsync(Path.Combine(RepositoryFolder.Root, "tests/K8sQueue.Api.Tests/Client/ProducerExample.cs"));
        var document = await File.ReadAllTextAsync(Path.Combine(RepositoryFolder.Root, "docs/how-to/produce-from-dotnet.md"));
        var examples = Example().Matches(source).Select(match => Dedent(match.Groups["code"].Value)).ToList();
        examples.Should().HaveCount(7);
        Shown().Matches(document).Select(match => match.Groups["code"].Value).Should().Equal(examples);
    }

    [Fact]
    public async Task Every_example_of_the_how_to_does_what_it_says()
    {
        var (api, queue) = await KestrelApi.StartAsync();
        await using var running = api;
        using var sut = new ClientUnderTest(api);
        var id = await new Orders(sut.Client).ConfirmAsync(new Order(17, "ada@example.org"), CancellationToken.None);
        var waiting = ProducerExamples.WaitAsync(sut.Client, id);
        await using var consumer = await queue.OpenConsumerAsync(new JobConsumerOptions { Queues = ["emails"], Name = "w" }, CancellationToken.None);
        var lease = (await consumer.FetchAsync(1, CancellationToken.None)).Should().ContainSingle().Subject;
        Encoding.UTF8.GetString(lease.Job.Payload.Span).Should().Be("""{"Id":17,"Email":"ada@example.org"}""");
        await consumer.CompleteAsync([new JobCompletion(lease, """{"MessageId":"m-1"}"""u8.ToArray())], CancellationToken.None);
        (await waiting).Should().Be("m-1");

        var orders = Enumerable.Range(0, 3).Select(i => new Order(i, "x@example.org")).ToAsyncEnumerable();
        (await ProducerExamples.SendManyAsync(sut.Client, orders)).Should().BeEmpty();
        (await consumer.FetchAsync(10, CancellationToken.None)).Should().HaveCount(3);

        await ProducerExamples.ScheduleAsync(sut.Client);
        (await sut.Client.GetScheduleAsync("reports", "daily-report", CancellationToken.None))!.TimeZone.Should().Be("Europe/Berlin");
        (await queue.GetStatisticsAsync("emails", CancellationToken.None)).Delayed.Should().Be(0, "it was cancelled");

        var dead = await queue.BuryAsync(new JobRequest { Queue = "emails", Type = "order.remind", Tracked = true }, "550 no such user");
        (await ProducerExamples.ManageAsync(sut.Client)).Should().Equal($"{dead}: 550 no such user", "0 of the trial's reminders will not be sent");
        (await consumer.FetchAsync(10, CancellationToken.None)).Should().ContainSingle().Which.Job.Id.Should().Be(dead);

        (await ProducerExamples.HandleAsync(sut.Client, new JobRequest { Queue = "emails", Type = "" })).Should().StartWith("invalid-job in type:");
    }

    [Fact]
    public void The_client_is_added_by_settings()
    {
        var services = new ServiceCollection();
        ProducerExample.Add(
            services, new ConfigurationBuilder().AddInMemoryCollection([new("K8SQUEUE_API", "http://api:8080")]).Build());
        using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<IOptions<K8sQueue.Client.K8sQueueClientOptions>>().Value.ApiKeyFile.Should().Be("/run/secrets/k8squeue-key");
    }

    private static string Dedent(string code)
    {
        var lines = code.TrimEnd().Split('\n');
        var indent = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length > indent ? line[indent..] : "")).Trim('\n') + "\n";
    }

    [GeneratedRegex(@"^ *// example: [a-z]+\n(?<code>.*?)^ *// end$", RegexOptions.Singleline | RegexOptions.Multiline, 1000)]
    private static partial Regex Example();

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline, 1000)]
    private static partial Regex Shown();
}
