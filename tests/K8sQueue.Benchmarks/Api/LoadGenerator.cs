using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace K8sQueue.Benchmarks.Api;

/// <summary>wrk, from Debian: one thread, and on each connection one request after the other.</summary>
internal static class LoadGenerator
{
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "wrk", "enqueue.lua");

    /// <exception cref="InvalidOperationException">wrk is missing or failed.</exception>
    public static async Task<LoadResult> RunAsync(Uri address, string body, int connections, TimeSpan duration, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("wrk") { RedirectStandardOutput = true };
        string[] arguments =
        [
            "--threads", "1", "--connections", connections.ToString(CultureInfo.InvariantCulture),
            "--duration", string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0}s"), "--timeout", "10s", "--script", Script, address.AbsoluteUri,
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["K8SQUEUE_BENCH_BODY"] = body;
        start.Environment["K8SQUEUE_BENCH_KEY"] = ApiServer.Key;
        using var wrk = Start(start);
        var output = await wrk.StandardOutput.ReadToEndAsync(cancellationToken);
        await wrk.WaitForExitAsync(cancellationToken);
        var last = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault(line => line.StartsWith('{'));
        return last is not null && JsonSerializer.Deserialize(last, LoadJsonContext.Default.LoadResult) is { } result
            ? result
            : throw new InvalidOperationException($"wrk ended with {wrk.ExitCode}: {output}");
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException("wrk is not installed; `make bench-api` installs it.", e);
        }
    }
}

/// <summary>The last line of wrk/enqueue.lua's output.</summary>
/// <param name="Requests">Requests that were answered.</param>
/// <param name="Microseconds">How long it took.</param>
/// <param name="Refused">Answers that were neither 2xx nor 3xx.</param>
/// <param name="Broken">Connections that failed, and requests that timed out.</param>
/// <param name="P50">Microseconds.</param>
/// <param name="P99">Microseconds.</param>
internal sealed record LoadResult(long Requests, long Microseconds, long Refused, long Broken, long P50, long P99)
{
    public double PerSecond => Requests * 1e6 / Microseconds;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LoadResult))]
internal sealed partial class LoadJsonContext : JsonSerializerContext;
