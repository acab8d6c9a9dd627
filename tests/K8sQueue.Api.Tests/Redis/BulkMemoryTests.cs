using System.Diagnostics;
using System.Net;
using System.Text;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Hosting;
using K8sQueue.Api.Validation;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Redis;

/// <summary>The program as a process of its own, so that its memory is its own.</summary>
public sealed class BulkMemoryTests
{
    [Fact]
    public async Task A_hundred_thousand_jobs_in_one_stream_take_less_than_100_MiB()
    {
        await using var redis = await RedisServer.StartAsync();
        var (secret, key) = ApiKey.Create("tests");
        var port = FreePort.Next();
        var start = new ProcessStartInfo("dotnet", [typeof(ApiHost).Assembly.Location]) { RedirectStandardOutput = true };
        start.Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}";
        start.Environment["K8SQUEUE_REDIS_ADDRESS"] = redis.Address;
        start.Environment[ApiOptions.KeysVariable] = key.Line;
        using var process = Process.Start(start)!;
        try
        {
            process.OutputDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Timeout.InfiniteTimeSpan };
            client.DefaultRequestHeaders.Add(ApiKeyHandler.HeaderName, secret);
            await Eventually.IsTrue(async () => await IsReadyAsync(client), TimeSpan.FromMinutes(2));

            // A first small request loads the code that the stream runs.
            await SendAsync(client, 10);
            var idle = MemoryOf(process, "VmRSS");
            await SendAsync(client, ApiLimits.MaxBulkJobs);
            var peak = MemoryOf(process, "VmHWM");
            (peak - idle).Should().BeLessThan(100 * 1024, $"KiB; idle {idle}, peak {peak}");
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private static async Task SendAsync(HttpClient client, int jobs)
    {
        // 1 KiB each: the whole stream is larger than the memory that it may take.
        var line = Encoding.ASCII.GetBytes($$"""{"type":"t","tracked":false,"payload":"{{new string('x', 1024)}}"}""" + "\n");
        using var content = new StreamingContent(ContentTypes.NdJson, async stream =>
        {
            for (var i = 0; i < jobs; i++)
                await stream.WriteAsync(line);
        });
        var answer = await (await client.PostAsync("/v1/queues/bulk/jobs/bulk", content)).ShouldBeAsync(HttpStatusCode.OK);
        answer.GetProperty("accepted").GetInt32().Should().Be(jobs);
    }

    private static async Task<bool> IsReadyAsync(HttpClient client)
    {
        try
        {
            return (await client.GetAsync("/readyz")).StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>A line of /proc/PID/status, in KiB.</summary>
    private static long MemoryOf(Process process, string name) =>
        File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal))
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [_, var kib, ..]
            ? long.Parse(kib, System.Globalization.CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"{name} is not there.");
}
