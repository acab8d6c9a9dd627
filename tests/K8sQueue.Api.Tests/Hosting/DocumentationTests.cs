using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using K8sQueue.Api.Diagnostics;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Tests.Cluster;
using K8sQueue.Core.InMemory;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Hosting;

/// <summary>What is written for producers is true: examples run, and the table of problems is whole.</summary>
[Collection(nameof(TestCluster))]
public sealed partial class DocumentationTests(TestCluster cluster)
{
    [Theory]
    [InlineData("reference/api.md", 9)]
    [InlineData("how-to/schedules-and-flows.md", 6)]
    [InlineData("how-to/troubleshooting.md", 1)]
    [InlineData("tutorial.md", 2)]
    public async Task Every_example_is_answered_as_it_shows(string document, int least)
    {
        var time = new ManualTimeProvider();
        var (api, queue) = await KestrelApi.StartAsync(new InMemoryJobQueue(time: time), null, $"--KUBECONFIG={cluster.Kubeconfig}");
        await using var running = api;
        await BuryOneAsync(queue);
        await using var worker = await WorkAsync(queue);
        await CapacityHistory.MakeAsync(queue, "thumbnails", time);
        var examples = Example().Matches(await ReadAsync(document));
        examples.Count.Should().BeGreaterThanOrEqualTo(least);
        foreach (Match example in examples)
        {
            var command = example.Groups["command"].Value;
            var output = await RunAsync(command, api);
            if (example.Groups["answer"] is { Success: true } answer)
                Shape(Parse(output, command)).Should().Be(Shape(Parse(answer.Value, command)), command);
            else
                output.Should().BeEmpty(command);
        }
    }

    [Fact]
    public async Task The_table_of_problems_is_the_one_of_the_code()
    {
        var documented = Row().Matches(await ReadAsync("reference/api.md")).Select(row => $"{row.Groups["name"].Value} {row.Groups["status"].Value}");
        documented.Should().Equal(ProblemTypes.All.Select(type => $"{type.Name} {type.Status}"));
    }

    [Fact]
    public async Task The_tables_of_diagnostics_are_those_of_the_code()
    {
        var documented = Check().Matches(await ReadAsync("how-to/troubleshooting.md")).Select(row => row.Groups["row"].Value);
        documented.Should().Equal(DiagnosticChecks.All.Select(check => $"`{check.Id}` | {check.Symptom} | {check.Cause} | {check.Remedy}"));
    }

    private static async Task<IJobConsumer> WorkAsync(FaultyQueue queue)
    {
        await queue.EnqueueAsync([new JobRequest { Queue = "invoices", Type = "t" }], CancellationToken.None);

        // In the cluster's pool, too, whose queue stays as the examples leave it: this one fetches nothing of it.
        var consumer = await queue.OpenConsumerAsync(
            new JobConsumerOptions { Queues = ["invoices", "emails"], Name = "emails-6b7f-aaaaa.1f2e3d4c" }, CancellationToken.None);
        await consumer.FetchAsync(1, CancellationToken.None);
        return consumer;
    }

    private static async Task BuryOneAsync(FaultyQueue queue)
    {
        await queue.EnqueueAsync(
            [new JobRequest { Queue = "orders", Type = "email.send", Tracked = true, Payload = """{"to": "ada@example.org"}"""u8.ToArray() }],
            CancellationToken.None);
        await using var consumer = await queue.OpenConsumerAsync(new JobConsumerOptions { Queues = ["orders"], Name = "w" }, CancellationToken.None);
        var leases = await consumer.FetchAsync(1, CancellationToken.None);
        await consumer.BuryAsync([new JobBurial(leases[0], DeadLetterReasons.AttemptsExhausted, "550 no such user")], CancellationToken.None);
        await queue.SetPausedAsync("emails", false, CancellationToken.None);
    }

    private static async Task<string> RunAsync(string command, KestrelApi api)
    {
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["API"] = api.Address.ToString().TrimEnd('/');
        start.Environment["KEY"] = api.Secret;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.Should().Be(0, $"{command}\n{output}{await error}");
        return output;
    }

    private static JsonElement Parse(string text, string command)
    {
        try
        {
            return JsonDocument.Parse(text).RootElement;
        }
        catch (JsonException e)
        {
            throw new InvalidOperationException($"{command}\nanswered {text}", e);
        }
    }

    /// <summary>Names and kinds of all members; of an array, the kinds of its elements. A string that is no id or time is itself.</summary>
    private static string Shape(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(',', element.EnumerateObject().Select(p => $"{p.Name}:{Shape(p.Value)}")) + "}",
        JsonValueKind.Array => "[" + string.Join(',', element.EnumerateArray().Select(Shape).Distinct().Order(StringComparer.Ordinal)) + "]",
        JsonValueKind.String when !IsId(element.GetString()!) && !element.TryGetDateTimeOffset(out _) => element.GetString()!,
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => element.ValueKind.ToString(),
    };

    private static bool IsId(string text) => JobId.TryParse(text, out _) || JobEventId.TryParse(text, out _) || TraceId().IsMatch(text);

    private static Task<string> ReadAsync(string document) => File.ReadAllTextAsync(Path.Combine(RepositoryFolder.Root, "docs", document));

    [GeneratedRegex(@"^```bash\n(?<command>.*?)^```\n(```json\n(?<answer>.*?)^```)?", RegexOptions.Singleline | RegexOptions.Multiline, 1000)]
    private static partial Regex Example();

    [GeneratedRegex(@"^\| (?<row>`[a-z-]+` \| .*) \|$", RegexOptions.Multiline, 1000)]
    private static partial Regex Check();

    [GeneratedRegex(@"^\| `(?<name>[a-z-]+)` \| (?<status>\d{3}) \|", RegexOptions.Multiline, 1000)]
    private static partial Regex Row();

    [GeneratedRegex("^[0-9a-f]{32}$", RegexOptions.None, 1000)]
    private static partial Regex TraceId();
}
