using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Logging;

namespace K8sQueue.Operator.Tests.Drains;

/// <summary>A management port that answers as it is told.</summary>
internal sealed class StubWorker : IAsyncDisposable
{
    private WebApplication? _app;

    public RequestDelegate Answer { get; set; } = context => context.Response.WriteAsync("""{"inFlight": 3, "quiesced": false, "draining": false}""", context.RequestAborted);

    /// <summary>Verb, path and authorization of each.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public int Port => new Uri(_app!.Urls.First()).Port;

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(context =>
        {
            Requests.Enqueue($"{context.Request.Method} {context.Request.GetEncodedPathAndQuery()} {context.Request.Headers.Authorization}");
            return Answer(context);
        });
        await _app.StartAsync(CancellationToken.None);
    }

    public ValueTask DisposeAsync() => _app!.DisposeAsync();
}
