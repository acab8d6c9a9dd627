using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace K8sQueue.Quickstart;

/// <summary>
/// The service that the <c>http</c> jobs call: hashes what it is given, as slowly as a thumbnail is made, as the job's <c>seconds</c> say, or,
/// where the job has <c>held</c>, until it is let end; and remembers whom it served, so that the summary has a witness other than the queue itself.
/// </summary>
public sealed class WorkEndpoint : IAsyncDisposable
{
    /// <summary>What samples/quickstart.yaml says.</summary>
    public const int DefaultPort = 21081;

    private static readonly TimeSpan Duration = TimeSpan.FromMilliseconds(120);

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, int> _callsByJob = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _begunByJob = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _endByJob = new(StringComparer.Ordinal);

    private WorkEndpoint(WebApplication app) => _app = app;

    /// <summary>How many calls there were.</summary>
    public int Calls => _callsByJob.Values.Sum();

    public static async Task<WorkEndpoint> StartAsync(int port, string address = "127.0.0.1")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://{address}:{port}");
        var endpoint = new WorkEndpoint(builder.Build());
        endpoint._app.MapPost("/work", endpoint.WorkAsync);
        try
        {
            await endpoint._app.StartAsync();
            return endpoint;
        }
        catch (IOException e)
        {
            await endpoint.DisposeAsync();
            throw new QuickstartException($"The local endpoint can't listen on {address}:{port}: {e.Message}", e);
        }
    }

    /// <summary>Whether this job called.</summary>
    public bool Served(string jobId) => _callsByJob.ContainsKey(jobId);

    /// <summary>How many calls of this job began, those that were broken off included.</summary>
    public int Begun(string jobId) => _begunByJob.GetValueOrDefault(jobId);

    /// <summary>Ends the calls of a held job, those to come included.</summary>
    public void LetEnd(string jobId) => EndOf(jobId).TrySetResult();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task WorkAsync(HttpContext context)
    {
        var job = context.Request.Headers["X-K8sQueue-Job-Id"].ToString();
        _begunByJob.AddOrUpdate(job, 1, (_, calls) => calls + 1);
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var hash = SHA256.HashData(body.ToArray());
        await (DurationOf(body.ToArray()) is { } duration
            ? Task.Delay(duration, TimeProvider.System, context.RequestAborted)
            : EndOf(job).Task.WaitAsync(context.RequestAborted));
        _callsByJob.AddOrUpdate(job, 1, (_, calls) => calls + 1);
        context.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteString("sha256", Convert.ToHexStringLower(hash));
        writer.WriteEndObject();
    }

    private TaskCompletionSource EndOf(string job) => _endByJob.GetOrAdd(job, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>Null for a job that is held.</summary>
    private static TimeSpan? DurationOf(byte[] payload)
    {
        using var document = JsonDocument.Parse(payload);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            return Duration;
        if (document.RootElement.TryGetProperty("held", out _))
            return null;
        return document.RootElement.TryGetProperty("seconds", out var seconds) ? TimeSpan.FromSeconds(seconds.GetDouble()) : Duration;
    }
}
