using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace K8sQueue.Worker.Tests.Support;

/// <summary>A web server that takes bodies, keeps nothing, and counts their bytes.</summary>
internal sealed class BodySink : IAsyncDisposable
{
    private readonly WebApplication _app;

    private BodySink(WebApplication app) => _app = app;

    public string Url => _app.Urls.First() + "/";

    public static async Task<BodySink> StartAsync(Action<long> count)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async context =>
        {
            var buffer = new byte[64 * 1024];
            long bytes = 0;
            while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) is var read and > 0)
                bytes += read;
            count(bytes);
        });
        await app.StartAsync(CancellationToken.None);
        return new BodySink(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
