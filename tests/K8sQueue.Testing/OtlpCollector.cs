using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace K8sQueue.Testing;

/// <summary>
/// Takes what OTLP exporters post (<c>OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf</c>). Names stand in a body as text. Answers all but a POST
/// with 404.
/// </summary>
public sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OtlpCollector(WebApplication app) => _app = app;

    /// <summary>What came, oldest first.</summary>
    public ConcurrentQueue<OtlpRequest> Received { get; } = new();

    /// <summary>Where it listens.</summary>
    public string Address => _app.Urls.Single() + "/";

    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = new OtlpCollector(builder.Build());
        collector._app.Run(collector.TakeAsync);
        await collector._app.StartAsync(CancellationToken.None);
        return collector;
    }

    /// <summary>Whether a request to a path had all these texts.</summary>
    public bool Has(string path, params string[] texts) =>
        Received.Any(r => r.Path == path && texts.All(text => r.Body.Contains(text, StringComparison.Ordinal)));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        Received.Enqueue(new OtlpRequest(context.Request.Path.ToString(), headers, Encoding.UTF8.GetString(body.ToArray())));
    }
}

/// <summary>What an exporter posted.</summary>
public sealed record OtlpRequest(string Path, IReadOnlyDictionary<string, string> Headers, string Body);
