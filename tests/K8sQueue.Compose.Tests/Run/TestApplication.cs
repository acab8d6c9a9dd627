using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace K8sQueue.Compose.Tests.Run;

/// <summary>In the place of the service app: it answers at once, but to jobs whose payload has <c>hold</c>: to those when it is told.</summary>
internal sealed class TestApplication : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _held = new();
    private readonly ConcurrentQueue<string> _calls = new();

    private TestApplication(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls($"http://127.0.0.1:{port}");
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    /// <summary>Ids of the jobs that came, one a call.</summary>
    public IReadOnlyCollection<string> Calls => _calls;

    public static async Task<TestApplication> StartAsync(int port)
    {
        var application = new TestApplication(port);
        await application._app.StartAsync();
        return application;
    }

    public bool IsHeld(string job) => _held.ContainsKey(job);

    public void Release(string job) => _held[job].SetResult();

    public ValueTask DisposeAsync()
    {
        foreach (var held in _held.Values)
            held.TrySetResult();
        return _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var job = context.Request.Headers["X-K8sQueue-Job-Id"].ToString();
        var payload = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        _calls.Enqueue(job);
        if (payload is JsonObject && payload["hold"] is not null)
            await _held.GetOrAdd(job, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync("""{"done": true}""", context.RequestAborted);
    }
}
